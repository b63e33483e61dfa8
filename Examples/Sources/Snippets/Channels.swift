// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust

/// A channel passes values between agents of one process, without a broker.
public func passThroughChannel(in app: App, _ output: @escaping Output) -> Topic<Bytes?, Int> {
    let readings = app.topic("readings", value: Int.self, partitions: 1)
    let alerts = app.channel("alerts", of: String.self)

    app.agent("watch", readings) { stream in
        for try await reading in stream where reading > 100 {
            try await alerts.send("reading \(reading) is too high")
        }
    }
    app.agent("notify", alerts) { stream in
        for try await alert in stream { output(alert) }
    }
    return readings
}

/// A stream of a channel, read by a task.
public func readChannelInTask(in app: App, _ output: @escaping Output) {
    let ticks = app.channel("ticks", of: Int.self)
    let stream = ticks.stream()
    app.task {
        for try await tick in stream { output("tick \(tick)") }
    }
    app.task {
        for tick in 1...3 { try await ticks.send(tick) }
    }
}
