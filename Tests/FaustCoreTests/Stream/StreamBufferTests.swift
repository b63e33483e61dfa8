// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization
import Testing

@testable import FaustCore

@Suite("StreamBuffer")
struct StreamBufferTests {
    @Test func askingForTheNextMessageFinishesTheOneBefore() {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...2)
        var cursor = StreamCursor(StreamSource(buffer: buffer, context: .test()))
        #expect(cursor.takeNow()?.offset == 0)
        #expect(buffer.lowestUnfinished(zero) == 0)
        #expect(cursor.takeNow()?.offset == 1)
        #expect(buffer.lowestUnfinished(zero) == 1)
        #expect(cursor.takeNow()?.offset == 2)
        #expect(buffer.lowestUnfinished(zero) == 2)
        #expect(cursor.takeNow() == nil)
        #expect(buffer.lowestUnfinished(zero) == nil)
    }

    @Test func anotherIterationGetsWhatWasUnfinishedFirst() {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...2)
        buffer.append(5...6)
        var first = StreamCursor(StreamSource(buffer: buffer, context: .test()))
        _ = first.takeNow()
        _ = first.takeNow()
        #expect(buffer.offsetsInHand == [1])
        var second = StreamCursor(StreamSource(buffer: buffer, context: .test()))
        let offsets = (0..<5).map { _ in second.takeNow()?.offset }
        #expect(offsets == [1, 2, 5, 6, nil])
    }

    @Test("an iterator that was replaced gets nothing more and finishes nothing")
    func staleIterator() {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...9)
        var first = StreamCursor(StreamSource(buffer: buffer, context: .test()))
        _ = first.takeNow()
        var second = StreamCursor(StreamSource(buffer: buffer, context: .test()))
        #expect(second.takeNow()?.offset == 0)
        for _ in 0..<5 { #expect(first.takeNow() == nil) }
        #expect(buffer.lowestUnfinished(zero) == 0)
        #expect(second.takeNow()?.offset == 1)
        #expect(buffer.lowestUnfinished(zero) == 1)
    }

    @Test func nothingIsInHandBeforeTheFirstMessageIsHandedOut() {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...2)
        var cursor = StreamCursor(StreamSource(buffer: buffer, context: .test()))
        #expect(buffer.offsetsInHand == [])
        guard case .run = cursor.poll() else {
            Issue.record("no run")
            return
        }
        #expect(buffer.offsetsInHand == [])
        _ = cursor.takeNow()
        #expect(buffer.offsetsInHand == [0])
    }

    @Test("a cancelled iterator finishes what it had and takes nothing new")
    func cancelledIterator() async {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...0)
        let source = StreamSource(buffer: buffer, context: .test())
        let task = Task {
            var iterator = source.numbers().makeAsyncIterator()
            let first = try await iterator.next()
            withUnsafeCurrentTask { $0?.cancel() }
            buffer.append(1...3)
            let second = try await iterator.next()
            return (first, second)
        }
        let values = try? await task.value
        #expect(values?.0 == 0)
        #expect(values?.1 == nil)
        #expect(buffer.offsetsInHand == [])
        #expect(buffer.lowestUnfinished(zero) == 1)
        buffer.finishInHand()
        #expect(buffer.lowestUnfinished(zero) == 1)
    }

    @Test func aRunOfAnotherEpochIsDropped() {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...2, epoch: 2)
        buffer.append(0...2, one)
        var cursor = StreamCursor(StreamSource(buffer: buffer, context: .test()))
        #expect(cursor.takeNow() == nil)
    }

    @Test("a new epoch takes the rest of the old run from the iterator, and its acknowledgements count for nothing")
    func newEpoch() {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...9)
        var cursor = StreamCursor(StreamSource(buffer: buffer, context: .test()))
        let old = cursor.takeNow()
        buffer.attach(zero, epoch: 2)
        buffer.append(0...1, epoch: 2)
        #expect(buffer.offsetsInHand == [])
        if let old { buffer.finish(old) }
        #expect(buffer.lowestUnfinished(zero) == 0)
        let next = cursor.takeNow()
        #expect(next?.offset == 0)
        #expect(next?.batch.epoch == 2)
        #expect(buffer.lowestUnfinished(zero) == 0)
    }

    @Test func messagesFinishOutOfOrder() {
        let buffer = StreamBuffer.test(zero)
        buffer.append([0, 1, 5, 6])
        var cursor = StreamCursor(StreamSource(buffer: buffer, acknowledges: false, context: .test()))
        let messages = (0..<4).compactMap { _ in cursor.takeNow() }
        #expect(messages.count == 4)
        buffer.finish(messages[2])
        #expect(buffer.lowestUnfinished(zero) == 0)
        buffer.finish(messages[0])
        #expect(buffer.lowestUnfinished(zero) == 1)
        buffer.finish(messages[1])
        buffer.finish(messages[1])
        #expect(buffer.lowestUnfinished(zero) == 6)
        #expect(buffer.offsetsInHand == [6])
    }

    @Test("an early unfinished message is delivered again though a later one of its run is finished")
    func heldRunKeepsItsHoles() {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...2)
        var cursor = StreamCursor(StreamSource(buffer: buffer, acknowledges: false, context: .test()))
        let messages = (0..<3).compactMap { _ in cursor.takeNow() }
        buffer.finish(messages[2])
        #expect(cursor.takeNow() == nil)
        #expect(buffer.offsetsInHand == [0, 1])
        var again = StreamCursor(StreamSource(buffer: buffer, context: .test()))
        let offsets = (0..<3).map { _ in again.takeNow()?.offset }
        #expect(offsets == [0, 1, nil])
        #expect(buffer.lowestUnfinished(zero) == nil)
    }

    @Test("batches are let go when their messages are finished, though an older message is not")
    func finishedRunsAreNotHeld() {
        let buffer = StreamBuffer.test(zero)
        weak var last: MessageBatch?
        var cursor = StreamCursor(StreamSource(buffer: buffer, acknowledges: false, context: .test()))
        for offset in Int64(0)..<100 {
            let batch = MessageBatch.test(zero, [offset])
            if offset == 40 { last = batch }
            buffer.append(Run(batch))
            if let message = cursor.takeNow(), offset > 0 { buffer.finish(message) }
        }
        #expect(buffer.lowestUnfinished(zero) == 0)
        #expect(last == nil)
    }

    // MARK: Giving up

    @Test func drainingTakesBackWhatNobodyHasSeen() {
        let buffer = StreamBuffer.test(zero, one)
        buffer.append(0...4)
        buffer.append(10...11, one)
        var cursor = StreamCursor(StreamSource(buffer: buffer, context: .test()))
        _ = cursor.takeNow()
        let isDone = Flag()
        buffer.drain(zero) { isDone.set() }
        #expect(!isDone.isSet)
        #expect(buffer.isWaitedFor)
        // The iterator finishes the event in hand and goes on with the other partition.
        #expect(cursor.takeNow()?.topicPartition == one)
        #expect(isDone.isSet)
        #expect(!buffer.isWaitedFor)
        #expect(buffer.lowestUnfinished(zero) == 1)
    }

    @Test func drainingAnIdlePartitionIsDoneAtOnce() {
        let buffer = StreamBuffer.test(zero)
        let isDone = Flag()
        buffer.drain(zero) { isDone.set() }
        #expect(isDone.isSet)
        // What comes all the same is refused, and not committed.
        buffer.append(7...9)
        var cursor = StreamCursor(StreamSource(buffer: buffer, context: .test()))
        #expect(cursor.takeNow() == nil)
        #expect(buffer.lowestUnfinished(zero) == 7)
    }

    @Test("a partition given up with everything finished holds back no commit")
    func drainedPartitionIsCommittedToItsEnd() {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...0)
        var cursor = StreamCursor(StreamSource(buffer: buffer, context: .test()))
        _ = cursor.takeNow()
        #expect(cursor.takeNow() == nil)
        buffer.drain(zero) {}
        // Another stream of the agent may be far ahead: this one has nothing to say.
        #expect(buffer.lowestUnfinished(zero) == nil)
    }

    @Test func aFailedBodyHoldsUpNoDrain() {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...4)
        var cursor = StreamCursor(StreamSource(buffer: buffer, context: .test()))
        _ = cursor.takeNow()
        _ = cursor.takeNow()
        let isDone = Flag()
        buffer.drain(zero) { isDone.set() }
        buffer.endIteration()
        #expect(isDone.isSet)
        #expect(buffer.lowestUnfinished(zero) == 1)
    }

    @Test func detachingEndsADrainAndForgetsTheMessages() {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...4)
        var cursor = StreamCursor(StreamSource(buffer: buffer, context: .test()))
        let message = cursor.takeNow()
        let isDone = Flag()
        buffer.drain(zero) { isDone.set() }
        buffer.detach(zero)
        #expect(isDone.isSet)
        if let message { buffer.finish(message) }
        #expect(buffer.lowestUnfinished(zero) == nil)
        #expect(cursor.takeNow() == nil)
    }

    // MARK: Back-pressure

    @Test("a partition is full at 80 % and has room again at 40 %")
    func marks() {
        let buffer = StreamBuffer.test(zero, maxsize: 10)
        let changes = Collected<Bool>()
        buffer.connect(StreamBuffer.Pressure(changed: { changes.add($1.isFull($0)) }))
        buffer.append(0...6)
        #expect(changes.values == [])
        buffer.append(7...8)
        #expect(changes.values == [true])
        buffer.append(9...9)
        #expect(changes.values == [true])
        var cursor = StreamCursor(StreamSource(buffer: buffer, acknowledges: false, context: .test()))
        let messages = (0..<10).compactMap { _ in cursor.takeNow() }
        for message in messages.prefix(5) { buffer.finish(message) }
        #expect(changes.values == [true])
        buffer.finish(messages[5])
        #expect(changes.values == [true, false])
    }

    @Test func anIteratorThatMovesOnMakesRoom() {
        let buffer = StreamBuffer.test(zero, maxsize: 5)
        buffer.append(0...3)
        #expect(buffer.isFull(zero))
        var cursor = StreamCursor(StreamSource(buffer: buffer, context: .test()))
        for _ in 0..<4 { _ = cursor.takeNow() }
        #expect(buffer.isFull(zero))
        #expect(cursor.takeNow() == nil)
        #expect(!buffer.isFull(zero))
    }

    // MARK: Waiting

    @Test func aWaitingIteratorIsWokenByADelivery() async throws {
        let buffer = StreamBuffer.test(zero)
        let source = StreamSource(buffer: buffer, context: .test())
        async let value: Int64? = {
            var iterator = source.numbers().makeAsyncIterator()
            return try await iterator.next()
        }()
        buffer.append(3...3)
        #expect(try await value == 3)
    }

    @Test func aClosedStreamEnds() async throws {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...3)
        var iterator = StreamSource(buffer: buffer, context: .test()).numbers().makeAsyncIterator()
        _ = try await iterator.next()
        buffer.close()
        #expect(try await iterator.next() == nil)
        #expect(buffer.lowestUnfinished(zero) == 1)
        buffer.close(throwing: FaustError(.lifecycle, "late"))
        await #expect(throws: FaustError.self) { try await iterator.next() }
    }

    @Test func aStreamThatIsHeldBackGivesNothingUntilItIsReleased() {
        let buffer = StreamBuffer.test(zero)
        buffer.append(0...3)
        var cursor = StreamCursor(StreamSource(buffer: buffer, context: .test()))
        _ = cursor.takeNow()
        buffer.holdBack(true)
        #expect(cursor.takeNow() == nil)
        #expect(buffer.lowestUnfinished(zero) == 1)
        buffer.holdBack(false)
        #expect(cursor.takeNow()?.offset == 1)
    }
}
