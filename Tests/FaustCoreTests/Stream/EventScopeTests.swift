// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("EventScope")
struct EventScopeTests {
    private let buffer = StreamBuffer.test(zero, one)
    private var scope: EventScope { EventScope(owner: "agent", buffer: buffer) }

    @Test func itFollowsTheEventInHand() {
        buffer.append(0..<2)
        buffer.append(0..<1, one)
        #expect(scope.partitionNumber == nil)
        #expect(scope.partitions == [])
        var cursor = StreamCursor(StreamSource(buffer: buffer, context: .test()))
        _ = cursor.takeNow()
        #expect(scope.partitionNumber == 0)
        #expect(scope.partitions == [zero])
        #expect(scope.timestampMilliseconds == 1_000)
        _ = cursor.takeNow()
        #expect(scope.timestampMilliseconds == 1_001)
        _ = cursor.takeNow()
        #expect(scope.partitionNumber == 1)
        #expect(scope.partitions == [one])
        _ = cursor.takeNow()
        #expect(scope.partitionNumber == nil)
        #expect(scope.timestampMilliseconds == nil)
    }

    @Test func theArrayOfATakeHasAllItsPartitions() async throws {
        buffer.append(0..<2)
        buffer.append(0..<1, one)
        buffer.append(2..<4)
        let source = StreamSource(buffer: buffer, context: .test())
        var iterator = source.numbers().take(2).makeAsyncIterator()
        #expect(try await iterator.next() == [0, 1])
        #expect(scope.partitionNumber == 0)
        #expect(try await iterator.next() == [0, 2])
        #expect(scope.partitionNumber == nil)
        #expect(scope.partitions == [zero, one])
        #expect(scope.timestampMilliseconds == 1_002)
    }

    @Test func unacknowledgedEventsStayInHand() {
        buffer.append(0..<1)
        buffer.append(0..<1, one)
        var cursor = StreamCursor(StreamSource(buffer: buffer, acknowledges: false, context: .test()))
        let first = cursor.takeNow()
        _ = cursor.takeNow()
        #expect(scope.partitionNumber == nil)
        #expect(scope.partitions == [zero, one])
        if let first { buffer.finish(first) }
        #expect(scope.partitions == [one])
    }

    @Test func aCallbackHasThePartitionItIsGiven() {
        let scope = EventScope(owner: "windows", partition: one)
        #expect(scope.partitionNumber == 1)
        #expect(scope.partitions == [one])
        #expect(scope.timestampMilliseconds == nil)
    }

    @Test("the body and its child tasks find what is in hand, others nothing")
    func inheritance() async throws {
        let buffer = buffer
        buffer.append(0..<1)
        let found = Collected<Int32?>()
        let runner = AgentRunner.test(buffer: buffer) { stream in
            for try await _ in stream {
                found.add(EventScope.current?.partitionNumber)
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { found.add(EventScope.current?.partitionNumber) }
                }
                buffer.close()
            }
        }
        try await runner.run()
        #expect(found.values == [0, 0])
        #expect(EventScope.current == nil)
    }
}
