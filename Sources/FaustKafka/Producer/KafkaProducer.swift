// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
package import FaustCore
import Foundation
import Logging
import Synchronization

/// Appends messages to the partitions of a Kafka cluster.
///
/// Order per partition, and nothing twice, is librdkafka's idempotent producer (KIP-98). Values are not copied before
/// they are written to the socket. Completions are called on the client's event thread, or on the sending thread for
/// messages that are refused at once.
package final class KafkaProducer: TransportProducer {
    let client: KafkaClient
    let queue: ProduceQueue
    let transactions: Mutex<KafkaTransactionState>
    /// How long a request of a transaction is tried again.
    let requestTimeout: Duration
    /// How long ``close()`` waits for messages to arrive.
    private let closeTimeout: Duration
    /// Whether librdkafka waits for a batch to fill.
    private let lingers: Bool

    /// Makes a producer; it connects in the background.
    ///
    /// - Parameters:
    ///   - configuration: Client id, identity of transactions, logger.
    ///   - settings: The settings of the app.
    ///   - overrides: Values by librdkafka's names, which beat all others.
    ///   - handlers: What to do with errors, statistics and tokens; the other handlers are the producer's own.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for settings that can't be used.
    package init(
        _ configuration: ProducerConfiguration,
        _ settings: Settings,
        overrides: [String: String] = [:],
        handlers: KafkaEventHandlers = KafkaEventHandlers()
    ) throws(FaustError) {
        let properties = try KafkaProperties.producer(configuration, settings, overrides: overrides)
        properties.warnOfRisks(configuration.logger)
        let queue = ProduceQueue()
        var handlers = handlers
        handlers.tokens = handlers.tokens ?? settings.brokerTokenProvider
        handlers.report(statistics: configuration.statistics, configuration.logger)
        handlers.event = { event, type in
            if type == RD_KAFKA_EVENT_DR { queue.settle(event) }
            return false
        }
        handlers.tick = { queue.drain($0) }
        handlers.ending = { _ in queue.destroyTopics() }
        client = try KafkaClient(
            .producer,
            properties,
            events: RD_KAFKA_EVENT_DR,
            handlers: handlers,
            logger: configuration.logger
        )
        self.queue = queue
        transactions = Mutex(KafkaTransactionState(hasIdentity: configuration.transactionalID != nil))
        requestTimeout = settings.brokerRequestTimeout
        closeTimeout = settings.shutdownTimeout
        lingers = try KafkaConfiguration(properties).value(of: "linger.ms").flatMap(Double.init) != 0
    }

    package func send(
        _ messages: [OutgoingMessage],
        completion: @escaping @Sendable (_ index: Int, _ outcome: Result<RecordMetadata, FaustError>) -> Void
    ) {
        queue.send(messages, client, completion: completion)
    }

    package func flush() async {
        guard let generation = queue.cut() else { return }
        if lingers {
            // While somebody is inside rd_kafka_flush, librdkafka sends without waiting for more. It waits for later
            // messages, too, hence the short turns.
            KafkaThread.start("faust-kafka-flush") { [self] in
                while !queue.isSettled(upTo: generation) {
                    guard (try? client.withHandle({ rd_kafka_flush($0, 20) })) != nil else { return }
                    Thread.sleep(forTimeInterval: 0.001)
                }
            }
        }
        await queue.wait(generation)
    }

    /// Settles what was sent, aborts the transaction that is open, and closes.
    ///
    /// What can't be delivered within the setting `shutdownTimeout` fails.
    package func close() async {
        guard queue.close() else { return await client.close() }
        if transactions.withLock({ $0.isActive }) {
            do {
                try await abortTransaction()
            } catch {
                client.logger.warning(
                    "the open transaction could not be aborted; the broker will when it times out: \(error)"
                )
            }
        }
        let timeout = closeTimeout
        // The client is closed by nobody else, so that the call can't be refused.
        try? await client.blocking { [queue] (handle) throws(FaustError) in
            Self.settle(queue, handle, within: timeout)
        }
        await client.close()
    }

    /// Waits for reports; throws away what has none in time.
    private static func settle(_ queue: ProduceQueue, _ handle: OpaquePointer, within timeout: Duration) {
        let deadline = ContinuousClock.now + timeout
        while !queue.isSettled, ContinuousClock.now < deadline {
            rd_kafka_flush(handle, 20)
            if !queue.isSettled { Thread.sleep(forTimeInterval: 0.001) }
        }
        guard !queue.isSettled else { return }
        queue.failBacklog(ProduceQueue.closed)
        rd_kafka_purge(handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
        let end = ContinuousClock.now + .seconds(5)
        while !queue.isSettled, ContinuousClock.now < end { Thread.sleep(forTimeInterval: 0.001) }
    }
}
#endif
