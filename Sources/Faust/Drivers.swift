// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import Logging

/// Finds the transport that a broker URL stands for.
enum Drivers {
    static func makeTransport(_ settings: Settings, _ logger: Logger) throws -> any Transport {
        let brokers = try settings.brokers()
        var configuration = LogConfiguration()
        configuration.synchronization = settings.logFsync ? .everyCommit : .never
        switch brokers.scheme {
        case "memory":
            return LogTransport(storage: .memory, configuration: configuration, logger: logger)
        case "log":
            return SharedLogTransport(
                directory: brokers.path.isEmpty ? settings.logDirectory : brokers.path,
                configuration: configuration,
                logger: logger
            )
        default:
            throw FaustError(
                .configuration,
                "no driver for a broker '\(brokers.scheme)://': use log:// (the embedded log) or memory://"
            )
        }
    }
}
