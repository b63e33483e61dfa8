// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import Faust
import FaustKafka
import Foundation
import Logging
import Testing

/// The broker that `scripts/test-broker run` has started for the tests.
enum Broker {
    /// `kafka://127.0.0.1:PORT`; `nil` when the tests were started without a broker.
    static let url = variable("FAUST_TEST_KAFKA")
    /// The process of the broker, for tests that halt it.
    static let process = variable("FAUST_TEST_BROKER_PID").flatMap { pid_t($0) }

    /// `host:port`, as other clients want it.
    static var address: String { String(url?.dropFirst("kafka://".count) ?? "") }

    /// Whether there is a broker; says so loudly when there is none.
    static let isThere: Bool = {
        if url != nil { return true }
        let text =
            "NO BROKER: the integration tests are left out. Run scripts/test, or scripts/test-broker run -- swift test\n"
        FileHandle.standardError.write(Data(text.utf8))
        return false
    }()

    /// Settings of a client of this broker.
    static func settings(_ name: String, _ change: (inout Settings) -> Void = { _ in }) -> Settings {
        var settings = Settings(name: name)
        settings.broker = url ?? ""
        hasten(&settings)
        change(&settings)
        return settings
    }

    /// Makes groups quick: tansu lets the first member of a group wait for half of its session.
    static func hasten(_ settings: inout Settings) {
        settings.brokerSessionTimeout = .seconds(6)
        settings.brokerHeartbeatInterval = .milliseconds(500)
    }

    /// A transport that has not been started.
    static func transport(_ name: String = "integration") throws -> KafkaTransport {
        try KafkaTransport(settings(name), logger: Logger(label: name) { _ in SwiftLogNoOpLogHandler() })
    }

    /// A name that no other test and no earlier run has used.
    static func name(_ prefix: String) -> String {
        "\(prefix)-" + String(UInt64.random(in: .min ... .max), radix: 36)
    }

    static func variable(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }
}

extension Trait where Self == ConditionTrait {
    /// The test needs a broker, and is left out without one.
    static var needsBroker: Self { .enabled(if: Broker.isThere, "there is no broker; run scripts/test") }
}

@Suite struct BrokerTests {
    @Test("continuous integration has a broker")
    func isThere() {
        #expect(Broker.isThere || Broker.variable("CI") != "true", "run the tests with scripts/test")
    }
}
#endif
