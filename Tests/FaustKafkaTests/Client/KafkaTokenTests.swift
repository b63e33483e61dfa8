// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore
import FaustKafka
import FaustTesting
import Logging
import Synchronization
import Testing

/// The mock cluster has no SASL: what is tested is what librdkafka asks for and takes, before any connection.
@Suite(.timeLimit(.minutes(5))) struct KafkaTokenTests {
    private struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// Counts the calls of a provider.
    private final class Calls: Sendable {
        private let count = Watched(0)

        var number: Int { count.value }
        func note() -> Int {
            count.update { count in
                count += 1
                return count
            }
        }
        func wait(for number: Int) async throws {
            let count = count
            try await withDeadline(.seconds(240), "call \(number) of the provider") {
                try await count.wait { $0 >= number }
            }
        }
    }

    private func settings(_ provider: @escaping BrokerTokenProvider) -> Settings {
        var settings = kafkaSettings()
        settings.broker = "kafka://127.0.0.1:1"
        settings.brokerTokenProvider = provider
        return settings
    }

    private func makeClient(
        _ recorder: LogRecorder,
        _ failures: Watched<[FaustError]> = Watched([]),
        _ provider: @escaping BrokerTokenProvider
    ) throws -> KafkaClient {
        var handlers = KafkaEventHandlers()
        handlers.tokens = provider
        handlers.failed = { error in failures.update { $0.append(error) } }
        return try KafkaClient(
            .producer,
            .admin(settings(provider)),
            handlers: handlers,
            logger: recorder.logger()
        )
    }

    @Test("a token is asked for when a client is made, and the next one before it runs out")
    func refreshes() async throws {
        let (calls, recorder) = (Calls(), LogRecorder())
        let client = try makeClient(recorder) {
            BrokerToken(
                "token-\(calls.note())",
                lifetime: .seconds(1),
                principal: "me",
                extensions: ["logicalCluster": "lkc-1", "pool": "p"]
            )
        }
        try await calls.wait(for: 3)
        await client.close()
        #expect(recorder.lines.allSatisfy { !$0.text.contains("there is no new token") })
    }

    @Test("a provider that fails is called again; neither logs nor errors show a token")
    func retries() async throws {
        let (calls, recorder) = (Calls(), LogRecorder())
        let failures = Watched<[FaustError]>([])
        let client = try makeClient(recorder, failures) {
            switch calls.note() {
            case 1: throw Refused(description: "the identity service is away")
            case 2: return BrokerToken("very-secret-1", lifetime: .zero)
            case 3: throw Refused(description: "very-secret-1 was refused")
            case 4: return BrokerToken("very-secret-2\u{0}", lifetime: .seconds(60))
            case 5: return BrokerToken("very-secret-3", lifetime: .seconds(60), extensions: ["auth": "reserved"])
            default: return BrokerToken("very-secret-4", lifetime: .seconds(3_600))
            }
        }
        try await calls.wait(for: 6)
        await client.close()
        let lines = recorder.lines.filter { $0.level == .warning }.map(\.text)
            .filter { $0.contains("there is no new token") }
        try #require(lines.count == 5)
        #expect(lines[0].contains("the identity service is away; trying again in 0.1 seconds"))
        #expect(lines[1].contains("expired"))
        #expect(lines[2].contains("*** was refused"))
        #expect(recorder.lines.allSatisfy { !$0.text.contains("very-secret") })
        let errors = failures.value.filter { $0.message.contains("there is no new token") }
        #expect(errors.count == 5)
        #expect(errors.allSatisfy { $0.isRetriable && !$0.isFatal && !"\($0)".contains("very-secret") })
        #expect(calls.number == 6)
    }

    @Test("closing a client cancels the provider, and does not wait for it")
    func cancels() async throws {
        let (began, ended) = (Calls(), Calls())
        let client = try makeClient(LogRecorder()) {
            _ = began.note()
            defer { _ = ended.note() }
            try await Task.sleep(for: .seconds(1_000))
            return BrokerToken("late", lifetime: .seconds(1))
        }
        try await began.wait(for: 1)
        await client.close()
        try await ended.wait(for: 1)
        #expect(began.number == 1)
    }

    @Test("every client of a transport asks, and a provider that fails is the reason of a start that fails")
    func transport() async throws {
        let (calls, recorder) = (Calls(), LogRecorder())
        let isAway = Mutex(true)
        let settings = settings {
            _ = calls.note()
            if isAway.withLock({ $0 }) { throw Refused(description: "the identity service is away") }
            return BrokerToken("very-secret", lifetime: .seconds(3_600))
        }
        let transport = try KafkaTransport(settings, logger: recorder.logger(), startTimeout: .seconds(1))
        let error = await #expect(throws: FaustError.self) { try await transport.start() }
        #expect(error.map { "\($0)" }?.contains("the identity service is away") == true)
        #expect(error?.isRetriable == true && error?.isFatal == false)
        isAway.withLock { $0 = false }
        let before = calls.number
        let producer = try transport.makeProducer(ProducerConfiguration(logger: recorder.logger()))
        try await calls.wait(for: before + 1)
        // One that reads and one that is the member of the group.
        let consumer = try transport.makeConsumer(ConsumerConfiguration(group: "g", logger: recorder.logger()))
        try await calls.wait(for: before + 3)
        await consumer.close()
        await producer.close()
        await transport.stop()
        #expect(recorder.lines.allSatisfy { !$0.text.contains("very-secret") })
    }

    @Test("a provider chooses the mechanism, over TLS unless told otherwise, and excludes a password")
    func properties() throws {
        var settings = settings { BrokerToken("t", lifetime: .seconds(1)) }
        let properties = try KafkaProperties.consumer(reading(), settings)
        #expect(properties["sasl.mechanism"] == "OAUTHBEARER")
        #expect(properties["security.protocol"] == "sasl_ssl")
        settings.kafkaProperties = ["security.protocol": "sasl_plaintext"]
        #expect(try KafkaProperties.producer(writing(), settings)["security.protocol"] == "sasl_plaintext")
        settings.brokerCredentials = BrokerCredentials(username: "me", password: "hunter2")
        var error = #expect(throws: FaustError.self) { _ = try KafkaProperties.admin(settings) }
        #expect(error?.code == .configuration && error?.message.contains("brokerTokenProvider") == true)
        settings.brokerCredentials = nil
        settings.broker = "kafka://me:hunter2@a"
        error = #expect(throws: FaustError.self) { _ = try KafkaProperties.admin(settings) }
        #expect(error?.code == .configuration && error?.message.contains("hunter2") == false)
    }

    @Test("neither printing nor dumping a token shows it")
    func printing() {
        let token = BrokerToken("very-secret", lifetime: .seconds(1), principal: "me", extensions: ["a": "very-hidden"])
        var text = "\(token) \(String(reflecting: token))"
        dump(token, to: &text)
        #expect(text.contains("me") && !text.contains("very-"))
    }
}
#endif
