// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// What a test kit does with an app that is declared as in production.
extension App {
    /// Goes by another clock from now on, or by the app's own one again; not while it runs.
    package func replaceClock(by clock: AppClock?) {
        clockSlot.replace(by: clock)
    }

    /// Ends the worker as a crash would: nothing more is committed, and nobody waits for events in hand.
    package func breakOff(_ error: FaustError) {
        engine.withLock { $0 }?.committer.breakOff(error)
        stopSignal.fire(error)
    }

    /// Whether the worker is connected and has neither stopped nor failed.
    package var isConnected: Bool { engine.withLock { $0 } != nil }

    /// Leaves one agent of all that runs in a worker, with the tables and topics.
    ///
    /// - Returns: Puts the others back.
    package func keepOnly(agent name: String) -> @Sendable () -> Void {
        let before = declarations.withLock { declarations in
            let before = declarations
            declarations.agents.removeAll { $0.name != name }
            declarations.streams = []
            declarations.diversions = []
            declarations.tasks = []
            declarations.background = []
            declarations.services = []
            declarations.onStartup = []
            declarations.onShutdown = []
            declarations.onAssigned = []
            declarations.onRevoked = []
            return before
        }
        return { [self] in
            declarations.withLock { declarations in
                // Tables may have been replaced meanwhile, by those with windows: only what was taken out comes back.
                declarations.agents = before.agents
                declarations.streams = before.streams
                declarations.diversions = before.diversions
                declarations.tasks = before.tasks
                declarations.background = before.background
                declarations.services = before.services
                declarations.onStartup = before.onStartup
                declarations.onShutdown = before.onShutdown
                declarations.onAssigned = before.onAssigned
                declarations.onRevoked = before.onRevoked
            }
        }
    }

    /// How a topic of the app is to be created.
    package func topicDeclaration(of name: String) -> TopicDeclaration {
        declarations.withLock { $0.creation(of: name, settings) }
    }
}

extension Topic {
    /// The app that has declared the topic.
    package var owner: App { app }
}

extension Table {
    /// The table of the same name and types that another app has declared, such as that of a second worker.
    package func counterpart(in app: App) -> Table? {
        let table = app.declarations.withLock { $0.tables.first { $0.name == name } }
        guard let core = table as? TableCore<Key, Value> else { return nil }
        return Table(core: core, makeDefault: makeDefault)
    }

    /// The value of a key, if its partition is here.
    package func valueIfHere(for key: Key) throws(FaustError) -> Value? {
        for partition in try core.visible() {
            if let value = try partition.value(of: try core.form.encode(key)) { return value }
        }
        return nil
    }
}

extension WindowedTable {
    /// The table of the same name and types that another app has declared, such as that of a second worker.
    package func counterpart(in app: App) -> WindowedTable? {
        let table = app.declarations.withLock { $0.tables.first { $0.name == name } }
        guard let core = table as? TableCore<WindowedKey<Key>, Value>,
            let keeper = core.keeper as? WindowKeeper<Key, Value>
        else { return nil }
        return WindowedTable(WindowedCore(table: core, keeper: keeper, makeDefault: parts.makeDefault))
    }
}

extension AppClock {
    /// The time of day, in milliseconds since 1970.
    package var timeOfDay: Int64 { now() }
}
