// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Logging
import Synchronization

/// An app as a program would declare it, whose broker can't be reached.
struct Bank: Sendable {
    let app: App
    let payments: Topic<String, Int>
    let copies: Topic<String, Int>
    let balances: Table<String, Int>
    let perMinute: WindowedTable<String, Int>
    let closed: Topic<String, Int>
    let seen = Trace()

    init(partitions: Int = 4, configure: (inout Settings) -> Void = { _ in }) {
        var settings = Settings(name: "bank")
        settings.topicPartitions = partitions
        settings.broker = "kafka://nowhere.invalid"
        configure(&settings)
        var stores = StoreRegistry()
        stores.register("rocksdb") { _ in throw FaustError(.storage, "there is no disk") }
        app = App(settings: settings, stores: stores, logger: .silent) { _, _ in
            throw FaustError(.transport, "the broker can't be reached")
        }
        payments = app.topic("payments", key: String.self, value: Int.self)
        copies = app.topic("copies", key: String.self, value: Int.self)
        closed = app.topic("closed", key: String.self, value: Int.self)
        balances = app.table("balances", key: String.self, default: 0)
        perMinute = app.table("per-minute", key: String.self, default: 0).tumbling(.seconds(60))
        perMinute.onClose { [closed] account, _, sum in try await closed.post(sum, key: account) }
        app.agent("book", payments) { [balances, perMinute, copies, seen] stream in
            for try await (account, amount) in stream.items() {
                if amount == 0 { throw Refused() }
                balances[account] += amount
                perMinute[account] += amount
                try await copies.post(amount, key: account)
                seen.note("\(account) \(amount)")
            }
        }
    }

    struct Refused: Error {}
}

/// What was seen, in order.
final class Trace: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func note(_ line: String) {
        lines.withLock { $0.append(line) }
    }
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
