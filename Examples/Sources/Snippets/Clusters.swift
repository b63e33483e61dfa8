// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust

/// The program of the embedded log on a cluster.
public func makeAppOnKafka() -> App {
    let app = App("orders", broker: "kafka://kafka-1:9092;kafka-2:9092")
    return app
}

/// Tables that are kept on disk.
public func makeAppWithStore() -> App {
    let app = App("orders", broker: "kafka://kafka-1:9092") { $0.store = "rocksdb://" }
    return app
}

/// Properties of librdkafka by their own names.
public func makeAppWithProperties() -> App {
    let app = App("orders", broker: "kafka://kafka-1") { settings in
        settings.kafkaProperties = [
            "client.rack": "eu-1a", "consumer.fetch.wait.max.ms": "100", "producer.batch.size": "200000",
        ]
    }
    return app
}

/// What fetches tokens in the program.
public protocol IdentityService: Sendable {
    func token(for audience: String) async throws -> (text: String, lifetime: Duration)
}

/// Tokens of OAUTHBEARER from a function of the program.
public func makeAppWithTokens(_ identity: any IdentityService) -> App {
    let app = App("orders", broker: "kafka://kafka-1") { settings in
        settings.brokerTokenProvider = {
            let grant = try await identity.token(for: "kafka")
            return BrokerToken(grant.text, lifetime: grant.lifetime, principal: "orders")
        }
    }
    return app
}
