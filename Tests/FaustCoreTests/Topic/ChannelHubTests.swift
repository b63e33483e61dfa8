// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Synchronization
import Testing

@testable import FaustCore

@Suite("ChannelHub")
struct ChannelHubTests {
    private let hub = ChannelHub(name: "numbers")

    private func subscribe(maxsize: Int = 100, concurrency: Int = 1) -> [StreamBuffer] {
        let buffers = (0..<concurrency).map { _ in StreamBuffer(name: "test", maxsize: maxsize) }
        hub.subscribe(StreamGroup(buffers))
        return buffers
    }

    private func cursor(_ buffer: StreamBuffer) -> StreamCursor {
        StreamCursor(StreamSource(buffer: buffer, context: .test()))
    }

    private func takeAll(_ cursor: inout StreamCursor) -> [Int] {
        var values: [Int] = []
        while let message = cursor.takeNow() { values.append(message.batch.attachment as? Int ?? -1) }
        return values
    }

    @Test func everySubscriberGetsWhatIsSentFromThenOnInOrder() async throws {
        try await hub.send(-1)
        let first = subscribe()
        for value in 0..<3 { try await hub.send(value) }
        let second = subscribe()
        for value in 3..<6 { try await hub.send(value) }
        var (one, two) = (cursor(first[0]), cursor(second[0]))
        #expect(takeAll(&one) == [0, 1, 2, 3, 4, 5])
        #expect(takeAll(&two) == [3, 4, 5])
    }

    @Test func theStreamsOfOneAgentShareTheValues() async throws {
        let buffers = subscribe(concurrency: 2)
        for value in 0..<10 { try await hub.send(value) }
        let shares = buffers.map { buffer in
            var cursor = cursor(buffer)
            return takeAll(&cursor)
        }
        #expect(shares.flatMap { $0 }.sorted() == Array(0..<10))
        #expect(shares.map(\.count) == [5, 5])
    }

    @Test("a full subscriber holds back the sender until it has room")
    func backPressure() async throws {
        let buffer = subscribe(maxsize: 5)[0]
        for value in 0..<4 { try await hub.send(value) }
        let isSent = Flag()
        async let sent: Void = {
            try await hub.send(4)
            isSent.set()
        }()
        while hub.waiting == 0 { await Task.yield() }
        var cursor = cursor(buffer)
        _ = cursor.takeNow()
        #expect(!isSent.isSet)
        // There is room again before the stream is empty.
        var rest = takeAll(&cursor)
        try await sent
        rest += takeAll(&cursor)
        #expect(rest == [1, 2, 3, 4])
    }

    @Test func aSenderThatIsCancelledStopsWaiting() async throws {
        _ = subscribe(maxsize: 1)
        try await hub.send(0)
        let hub = hub
        let sender = Task { try await hub.send(1) }
        sender.cancel()
        await #expect(throws: CancellationError.self) { try await sender.value }
    }

    @Test("a subscriber that has ended holds up nobody")
    func endedSubscriber() async throws {
        let (full, other) = (subscribe(maxsize: 1)[0], subscribe()[0])
        try await hub.send(0)
        let hub = hub
        async let sent: Void = hub.send(1)
        full.close()
        try await sent
        for value in 2..<6 { try await hub.send(value) }
        var cursor = cursor(other)
        #expect(takeAll(&cursor) == [0, 1, 2, 3, 4, 5])
    }

    @Test("senders and a receiver on different threads never stall", arguments: [1, 2, 5])
    func threads(maxsize: Int) async throws {
        let buffer = subscribe(maxsize: maxsize)[0]
        let hub = hub
        let source = StreamSource(buffer: buffer, context: .test())
        let stream = EventStream<Void, Int>(
            source: source,
            key: { _ in },
            pipeline: .sync { $0.batch.attachment as? Int }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in 0..<4 {
                group.addTask { for value in 0..<500 { try await hub.send(sender * 1_000 + value) } }
            }
            var last = [-1, -1, -1, -1]
            var count = 0
            for try await value in stream {
                #expect(value % 1_000 == last[value / 1_000] + 1)
                last[value / 1_000] = value % 1_000
                count += 1
                if count == 2_000 { break }
            }
            try await group.waitForAll()
        }
    }
}
