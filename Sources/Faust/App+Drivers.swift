// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCLI
import FaustCompression
public import FaustCore
import FaustLog
import FaustRocksDB
import Foundation

extension App {
    /// An app on the broker that its settings name: the embedded log, unless told otherwise.
    ///
    /// ```swift
    /// let app = App("orders")                              // a durable log under ./orders-data
    /// let app = App("orders", broker: "memory://")         // gone when the process ends
    /// let app = App("orders", broker: "kafka://broker:9092") // an Apache Kafka cluster
    /// ```
    ///
    /// Environment variables beat what is set here; see ``Settings``.
    ///
    /// - Parameters:
    ///   - name: The name of the app: its consumer group, and the prefix of its own topics.
    ///   - broker: Where the messages are: `log://` (a directory may follow), `memory://`, or `kafka://host:9092` with
    ///     several hosts separated by `;`.
    ///   - clock: The time as the app sees it; tests move it by hand.
    ///   - configure: Changes further settings.
    public convenience init(
        _ name: String,
        broker: String? = nil,
        clock: AppClock = .system,
        configure: (inout Settings) -> Void = { _ in }
    ) {
        var settings = Settings(name: name)
        if let broker { settings.broker = broker }
        configure(&settings)
        var codecs = CodecRegistry()
        codecs.registerCompression()
        var stores = StoreRegistry()
        stores.registerRocksDB()
        self.init(
            settings: settings,
            environment: ProcessInfo.processInfo.environment,
            readFile: { try String(contentsOfFile: $0, encoding: .utf8) },
            codecs: codecs,
            stores: stores,
            clock: clock,
            makeTransport: Drivers.makeTransport
        )
    }
}
