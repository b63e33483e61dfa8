// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust

/// Values with the times of their messages.
public func takeWithTimes(in app: App, _ output: @escaping Output) -> Topic<Bytes?, Double> {
    let readings = app.topic("readings", value: Double.self, partitions: 1)
    app.agent("smooth", readings) { stream in
        for try await readings in stream.takeWithTimestamp(3, within: .seconds(10)) {
            let mean = readings.reduce(0) { $0 + $1.value } / Double(readings.count)
            output("\(mean) from \(readings[0].timestamp.milliseconds) on")
        }
    }
    return readings
}

/// Arrays that are acknowledged when they have been stored.
public func takeUnacknowledged(
    in app: App,
    store: @escaping @Sendable ([Int]) async throws -> Void,
    _ output: @escaping Output
) -> Topic<Bytes?, Int> {
    let numbers = app.topic("numbers", value: Int.self, partitions: 1)
    app.agent("store", numbers) { stream in
        for try await events in stream.noack().takeEvents(100, within: .seconds(10)) {
            try await store(events.map(\.value))
            for event in events { event.ack() }
            output("stored \(events.count)")
        }
    }
    return numbers
}

/// Changes a table for the events of an array, each in its own partition.
public func countInArrays(in app: App) -> (clicks: Topic<String, Int>, counts: Table<String, Int>) {
    let clicks = app.topic("clicks", key: String.self, value: Int.self)
    let counts = app.table("click_counts", key: String.self, default: 0)
    app.agent("count-arrays", clicks) { stream in
        for try await events in stream.takeEvents(100, within: .milliseconds(50)) {
            for event in events { counts[event.key] += event.value }
        }
    }
    return (clicks, counts)
}
