// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import Faust
import Foundation
import Testing

/// What other clients write, we read; what we write, they read: kcat (librdkafka) and the Python client of Confluent.
@Suite(.needsBroker, .timeLimit(.minutes(5)))
struct InteropTests {
    /// A message as `kcat -J` prints it.
    private struct Line: Decodable, Equatable {
        var offset: Int64
        var ts: Int64
        var headers: [String?]?
        var key: String?
        var payload: String?
    }

    private func kcat(_ arguments: String..., input: String = "") async throws -> String {
        try await Command.run(["kcat", "-b", Broker.address, "-q"] + arguments, input: input)
    }

    @Test("kcat reads our keys, values, nulls, headers and timestamps")
    func kcatReads() async throws {
        try await TopicRig.with { rig in
            let partition = TopicPartition(rig.topic, 0)
            var headers = Headers()
            headers.append("trace", "1")
            headers.append("trace", "2")
            headers.append("nothing", nil)
            try await rig.send([
                OutgoingMessage(
                    to: partition,
                    key: "k",
                    value: "caf\u{e9}",
                    timestampMilliseconds: 1_500_000_000_123,
                    headers: headers
                ),
                OutgoingMessage(to: partition, key: "deleted", value: nil, timestampMilliseconds: 1_500_000_000_124),
                OutgoingMessage(to: partition, key: nil, value: "no key", timestampMilliseconds: 1_500_000_000_125),
            ])
            let output = try await kcat("-C", "-t", rig.topic, "-o", "beginning", "-e", "-J")
            let lines = try output.split(separator: "\n")
                .map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
            try #require(lines.count == 3)
            let sent = ["trace", "1", "trace", "2", "nothing", nil]
            #expect(
                lines[0] == Line(offset: 0, ts: 1_500_000_000_123, headers: sent, key: "k", payload: "caf\u{e9}")
            )
            #expect(lines[1] == Line(offset: 1, ts: 1_500_000_000_124, key: "deleted"))
            #expect(lines[2] == Line(offset: 2, ts: 1_500_000_000_125, payload: "no key"))
        }
    }

    @Test("we read kcat's keys, values, nulls, headers and timestamps")
    func kcatWrites() async throws {
        try await TopicRig.with { rig in
            let before = Int64(Date().timeIntervalSince1970 * 1_000)
            let header = ["-H", "trace=1", "-H", "trace=2", "-H", "empty="]
            let common = ["kcat", "-b", Broker.address, "-q", "-P", "-t", rig.topic, "-p", "0"]
            _ = try await Command.run(common + ["-K", ":", "-Z"] + header, input: "k:caf\u{e9}\ndeleted:\n")
            _ = try await Command.run(common + ["-z", "gzip"], input: "no key\n")
            let after = Int64(Date().timeIntervalSince1970 * 1_000)
            let messages = try await rig.read(3)
            #expect(messages.map { $0.key.map(String.init) } == ["k", "deleted", nil])
            #expect(messages.map { $0.value.map(String.init) } == ["caf\u{e9}", nil, "no key"])
            #expect(messages.allSatisfy { (before...after).contains($0.timestampMilliseconds) })
            let headers = messages[0].headers.map { "\($0.name)=\($0.value.map(String.init) ?? "null")" }
            #expect(headers == ["trace=1", "trace=2", "empty="])
            #expect(messages[2].headers.isEmpty)
        }
    }

    @Test("a key lands on the partition that the Java-compatible partitioner chooses")
    func partitioner() async throws {
        let partitions: Int32 = 12
        // Lengths 1 to 40, so that all tails of the hash occur, and characters of one to four bytes.
        let keys =
            (1...40).map { String(repeating: "k", count: $0 - 1) + "\($0 % 10)" } + ["\u{e4}", "\u{20ac}", "\u{1f600}"]
        try await TopicRig.with(partitions: partitions) { rig in
            let input = keys.map { "\($0):theirs\n" }.joined()
            _ = try await kcat("-P", "-t", rig.topic, "-K", ":", "-X", "partitioner=murmur2_random", input: input)
            let theirs = try await rig.read(keys.count, partitions: partitions)
            for message in theirs {
                let ours = try Partitioner.murmur2.partition(
                    forKey: message.key,
                    topic: rig.topic,
                    partitions: partitions
                )
                #expect(ours == message.partition, "key \(message.key.map(String.init) ?? "null")")
            }
            #expect(Set(theirs.map(\.partition)).count > 6)
        }
    }

    @Test("we read what the client of Confluent for Python writes")
    func pythonWrites() async throws {
        let script = """
            import sys
            from confluent_kafka import Producer
            producer = Producer({"bootstrap.servers": sys.argv[1], "compression.type": "zstd", "linger.ms": 50})
            for number in range(1000):
                producer.produce(sys.argv[2], str(number).encode(), str(number).encode(), partition=0,
                                 timestamp=1_600_000_000_000 + number, headers=[("n", b"\\x00\\xff"), ("none", None)])
            producer.produce(sys.argv[2], b"last", partition=0, timestamp=1_600_000_001_000)
            assert producer.flush(60) == 0
            """
        try await TopicRig.with { rig in
            _ = try await Command.python(script, [Broker.address, rig.topic])
            let messages = try await rig.read(1_001)
            #expect(messages.map { $0.value.map(String.init) } == (0..<1_000).map { "\($0)" } + ["last"])
            #expect(messages.map { $0.key.map(String.init) } == (0..<1_000).map { "\($0)" } + [nil])
            #expect(messages.map(\.timestampMilliseconds) == (0...1_000).map { 1_600_000_000_000 + $0 })
            #expect(messages[500].headers["n"].map(Array.init) == [0, 255])
            #expect(messages[500].headers.map(\.name) == ["n", "none"])
            #expect(messages[500].headers.last?.value == nil)
        }
    }

    @Test("the client of Confluent for Python reads what we write, as a group")
    func pythonReads() async throws {
        let script = """
            import sys, time
            from confluent_kafka import Consumer
            consumer = Consumer({"bootstrap.servers": sys.argv[1], "group.id": sys.argv[2] + "-group",
                                 "auto.offset.reset": "earliest", "session.timeout.ms": 6000})
            consumer.subscribe([sys.argv[2]])
            count, deadline = 0, time.monotonic() + 60
            while count < 100 and time.monotonic() < deadline:
                message = consumer.poll(0.2)
                if message is None or message.error(): continue
                print(message.key().decode(), message.value(), message.timestamp()[1], message.headers())
                count += 1
            consumer.close()
            """
        try await TopicRig.with { rig in
            let messages = (0..<100)
                .map { number in
                    OutgoingMessage(
                        to: TopicPartition(rig.topic, 0),
                        key: Bytes("\(number)"),
                        value: number == 7 ? nil : "v",
                        timestampMilliseconds: 1_600_000_000_000 + Int64(number),
                        headers: ["h": Bytes("\(number)")]
                    )
                }
            try await rig.send(messages)
            let lines = try await Command.python(script, [Broker.address, rig.topic]).split(separator: "\n")
            let expected = (0..<100)
                .map { "\($0) \($0 == 7 ? "None" : "b'v'") \(1_600_000_000_000 + $0) [('h', b'\($0)')]" }
            #expect(lines.map(String.init) == expected)
        }
    }
}
#endif
