// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Foundation
import Synchronization

/// Counts events by key in a worker that kills itself, and then holds the table to an independent count, number by number;
/// scripts/soak-tables starts it again and again.
///
///     TableSoak feed EVENTS KEYS      sends the events
///     TableSoak count EVENTS KEYS     counts them; with KILL_AFTER in the environment, it dies when so many are processed
///
/// Broker, folder, store and guarantee come from the environment, as for any app. LEDGER names a file with a line for what
/// each worker began with, per partition: the total of the recovered table, and the offset of its first event. Every event
/// counts one, so the former minus the latter is how many events are in the table that come again: the repeats.
@main
struct TableSoak {
    private static let partitions: Int32 = 8

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let events = Int(arguments[2]), let keys = Int(arguments[3]) else {
            print("TableSoak feed|count EVENTS KEYS (see scripts/soak-tables)")
            exit(64)
        }
        let plan = SoakPlan(events: events, keys: keys, partitions: partitions)
        switch arguments[1] {
        case "feed": try await feed(plan)
        case "count": try await SoakWorker(plan).run()
        default: exit(64)
        }
    }

    private static func feed(_ plan: SoakPlan) async throws {
        let app = App("table-soak-feed")
        let topic = SoakPlan.topic(of: app, partitions)
        app.task {
            for number in 0..<plan.events {
                let key = plan.key(of: number)
                try await topic.post(Bytes("1"), key: Bytes("\(key)"), partition: plan.partition(of: key))
            }
            app.stop()
        }
        try await app.run()
    }
}

/// Which events there are: the same in every process.
struct SoakPlan: Sendable {
    let events: Int
    let keys: Int
    let partitions: Int32

    static func topic(of app: App, _ partitions: Int32) -> Topic<Bytes?, Bytes> {
        app.topic("soak", schema: Schema(key: Serde<Bytes?>.raw, value: Serde<Bytes>.raw), partitions: Int(partitions))
    }

    /// The key of an event: as good as random (the finalizer of splitmix64).
    func key(of event: Int) -> Int {
        var bits = UInt64(truncatingIfNeeded: event) &* 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((bits ^ (bits >> 31)) % UInt64(keys))
    }

    func partition(of key: Int) -> Int32 { Int32(key % Int(partitions)) }

    /// How often each key comes.
    func counts() -> [Int] {
        var counts = [Int](repeating: 0, count: keys)
        for event in 0..<events { counts[key(of: event)] += 1 }
        return counts
    }
}
