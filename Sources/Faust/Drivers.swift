// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustKafka
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
        case "kafka":
            #if Kafka
            return try KafkaTransport(settings, logger: logger)
            #else
            throw FaustError(
                .configuration,
                "this program was built without the driver for kafka://: enable the trait Kafka of swift-faust, or use log://"
            )
            #endif
        default:
            throw FaustError(
                .configuration,
                "no driver for a broker '\(brokers.scheme)://': use log:// (the embedded log), memory:// or kafka://"
            )
        }
    }
}
