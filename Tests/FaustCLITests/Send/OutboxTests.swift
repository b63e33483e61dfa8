// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCLI
import FaustCore
import Testing

@Suite struct OutboxTests {
    private let place = RecordMetadata(
        topicPartition: TopicPartition("t", 0),
        offset: 1,
        timestampMilliseconds: 2
    )

    @Test("it waits until the broker has answered for every message") func waits() async {
        let outbox = Outbox()
        #expect(await outbox.drained() == 0)
        for _ in 0..<3 { outbox.began() }
        async let arrived = outbox.drained()
        for _ in 0..<3 { outbox.settled(.success(place)) }
        #expect(await arrived == 3)
        #expect(!outbox.hasFailed)
    }

    @Test("the first failure is kept and lost messages are not counted") func failures() async {
        let outbox = Outbox()
        for _ in 0..<3 { outbox.began() }
        outbox.settled(.failure(FaustError(.messageTooLarge, "first")))
        outbox.settled(.failure(FaustError(.transport, "second")))
        outbox.settled(.success(place))
        #expect(await outbox.drained() == 1)
        #expect(outbox.failure?.message == "first")
    }

    @Test("the summary is a line of JSON") func summary() throws {
        #expect(try SendSummary(topic: "a/b", messages: 2).line == #"{"messages":2,"topic":"a/b"}"#)
    }
}
