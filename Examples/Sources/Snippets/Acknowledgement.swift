// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust

/// Every event is acknowledged by hand: offsets are committed up to the first that is not.
public func acknowledgeByHand(in app: App, _ output: @escaping Output) -> Topic<Bytes?, Int> {
    let numbers = app.topic("numbers", value: Int.self, partitions: 1)
    app.agent("by-hand", numbers) { stream in
        for try await event in stream.noack().events() {
            if event.value != 3 { event.ack() }
            output("\(event.value)")
        }
    }
    return numbers
}

/// An event is acknowledged when the block ends, before the next one is asked for.
public func acknowledgeScope(in app: App, _ output: @escaping Output) -> Topic<Bytes?, Int> {
    let numbers = app.topic("numbers", value: Int.self, partitions: 1)
    app.agent("scope", numbers) { stream in
        for try await event in stream.noack().events() {
            await event.withAcknowledgement {
                output("in the block: \(event.value)")
            }
            output("acknowledged: \(event.value)")
        }
    }
    return numbers
}
