// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Testing

@testable import FaustCore

@Suite("StreamGroup")
struct StreamGroupTests {
    private func group(_ count: Int) -> StreamGroup {
        StreamGroup((0..<count).map { _ in StreamBuffer.test(zero) })
    }

    private func drain(_ buffer: StreamBuffer) -> [Message] {
        var cursor = StreamCursor(StreamSource(buffer: buffer, context: .test()))
        var messages: [Message] = []
        while let message = cursor.takeNow() { messages.append(message) }
        return messages
    }

    @Test("events of one key go to one stream, in order", arguments: [2, 3, 4])
    func keys(count: Int) {
        let group = group(count)
        for start in stride(from: Int64(0), to: 400, by: 40) {
            group.deliver(.test(zero, start..<start + 40) { "k\($0 % 20)" })
        }
        var owners: [Bytes: Int] = [:]
        var total = 0
        for (index, buffer) in group.buffers.enumerated() {
            let messages = drain(buffer)
            total += messages.count
            #expect(!messages.isEmpty)
            #expect(messages.map(\.offset) == messages.map(\.offset).sorted())
            for key in Set(messages.compactMap(\.key)) { #expect(owners.updateValue(index, forKey: key) == nil) }
        }
        #expect(total == 400)
        #expect(owners.count == 20)
    }

    @Test func keysOfOnePartitionSpreadOverTheStreams() throws {
        let group = group(4)
        // Keys that the partitioner sends to one partition of sixteen.
        let keys = try (0..<4_000).map { "k\($0)" }
            .filter {
                try Partitioner.murmur2.partition(forKey: Bytes($0), topic: "t", partitions: 16) == 3
            }
        #expect(keys.count > 150)
        group.deliver(.test(zero, 0..<Int64(keys.count)) { keys[Int($0)] })
        for buffer in group.buffers { #expect(drain(buffer).count > keys.count / 8) }
    }

    @Test func messagesWithoutAKeyAreSpreadEvenly() {
        let group = group(4)
        group.deliver(.test(zero, 0..<100))
        #expect(group.buffers.map { drain($0).count } == [25, 25, 25, 25])
    }

    @Test func theOffsetOfTheSlowestStreamIsCommittable() {
        let group = group(2)
        let partition = AssignedPartition(zero, epoch: 1, lane: 0, groups: [group], committed: nil)
        #expect(partition.committable() == nil)
        partition.deliver(.test(zero, 0..<10, next: 15))
        var first = StreamCursor(StreamSource(buffer: group.buffers[0], context: .test()))
        while first.takeNow() != nil {}
        #expect(partition.committable() == 1)
        var second = StreamCursor(StreamSource(buffer: group.buffers[1], context: .test()))
        while second.takeNow() != nil {}
        #expect(partition.committable() == 15)
        partition.noteCommitted(15)
        #expect(partition.committable() == nil)
        partition.deliver(.test(zero, [], next: 20))
        #expect(partition.committable() == 20)
    }

    @Test("a partition that is given up is committed to its end though one stream has had little of it")
    func givenUpWithIdleStream() {
        let group = group(2)
        let partition = AssignedPartition(zero, epoch: 1, lane: 0, groups: [group], committed: nil)
        partition.deliver(.test(zero, 0..<50) { $0 == 0 ? "a" : "b" })
        for buffer in group.buffers { _ = drain(buffer) }
        for buffer in group.buffers { buffer.drain(zero) {} }
        #expect(partition.committable() == 50)
        // What still comes is refused, and not committed.
        partition.deliver(.test(zero, 53..<60) { _ in "a" })
        #expect(partition.committable() == 53)
    }

    @Test func aBatchOfAnotherEpochChangesNothing() {
        let group = group(2)
        group.deliver(.test(zero, 0..<10, epoch: 9))
        for buffer in group.buffers { #expect(drain(buffer).isEmpty) }
    }
}
