// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust
public import ServiceLifecycle

/// A timer, and a crontab.
public func runOnTime(in app: App, _ output: @escaping Output) {
    app.timer(every: .seconds(60)) { output("a minute has passed") }
    app.crontab("30 18 * * mon-fri", timeZone: "Europe/Berlin") { output("time to go home") }
}

/// A timer of the leader that feeds an agent of all workers.
public func publishOnLeader(in app: App, _ output: @escaping Output) {
    let greetings = app.topic("greetings", value: String.self)
    app.agent("say", each: greetings) { greeting in output(greeting) }

    app.timer(every: .seconds(2), onLeader: true) {
        output("publishing on the leader")
        try await greetings.send("hello")
    }
}

/// A task of the leader.
public func watchOnLeader(
    in app: App,
    watch: @escaping @Sendable () async throws -> Void,
    _ output: @escaping Output
) {
    app.task(onLeader: true) {
        output("this worker leads")
        defer { output("another one may lead now") }
        try await watch()
    }
}

/// A timer whose errors end the worker, and what it counts.
public func countBackups(
    in app: App,
    backUp: @escaping @Sendable () async throws -> Void,
    _ output: @escaping Output
) {
    let backups = app.timer(every: .seconds(3_600), name: "backup", onError: .stop) { try await backUp() }
    app.timer(every: .seconds(60)) {
        output("\(backups.runs.value) backups, \(backups.late.value) late, \(backups.missed.value) missed")
    }
}

/// A service that runs until the app's agents have finished.
public struct Heartbeat: Service {
    let output: Output

    /// Says that it runs, and that it stops.
    public func run() async throws {
        output("connected")
        try await gracefulShutdown()
        output("disconnected")
    }
}

/// An app with a service.
public func runService(in app: App, _ output: @escaping Output) {
    app.service(Heartbeat(output: output))
}
