// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import FaustCore
package import NIOCore

extension ServerFrame {
    /// The frame with its length, ready to be sent.
    package func encoded() -> ByteBuffer {
        var writer = WireWriter()
        switch self {
        case .hello(let version, let description):
            writer.integer(UInt8(0))
            writer.integer(WireProtocol.magic)
            writer.integer(version)
            writer.string(description)
        case .reply(let id, let reply):
            writer.integer(UInt8(1))
            writer.integer(id)
            writer.reply(reply)
        case .produced(let id, let outcomes):
            writer.integer(UInt8(2))
            writer.integer(id)
            writer.list(outcomes) { $0.outcome($1) }
        case .batch(let queue, let batch):
            return Self.encode(batch, batch.entries[...], queue: queue, nextOffset: batch.nextOffset)
        case .listenerCall(let call, let consumer, let kind):
            writer.integer(UInt8(4))
            writer.integer(call)
            writer.integer(consumer)
            writer.listenerCall(kind)
        case .goodbye(let error):
            writer.integer(UInt8(5))
            writer.error(error)
        }
        return writer.frame()
    }

    /// A batch as frames: as many as it takes to keep each near the preferred size.
    package static func encode(_ batch: MessageBatch, queue: UInt32) -> [ByteBuffer] {
        var frames: [ByteBuffer] = []
        var start = batch.entries.startIndex
        var size = 0
        for (index, entry) in batch.entries.enumerated() {
            let next = entry.contentByteCount + 28
            if index > start, size + next > WireProtocol.preferredFrameByteCount {
                let nextOffset = batch.entries[index - 1].offset + 1
                frames.append(encode(batch, batch.entries[start..<index], queue: queue, nextOffset: nextOffset))
                (start, size) = (index, 0)
            }
            size += next
        }
        frames.append(encode(batch, batch.entries[start...], queue: queue, nextOffset: batch.nextOffset))
        return frames
    }

    private static func encode(
        _ batch: MessageBatch,
        _ entries: ArraySlice<MessageBatch.Entry>,
        queue: UInt32,
        nextOffset: Int64
    ) -> ByteBuffer {
        let content = entries.reduce(0) { $0 + $1.contentByteCount }
        var writer = WireWriter(capacity: content + entries.count * 28 + batch.topicPartition.topic.utf8.count + 64)
        writer.integer(UInt8(3))
        writer.integer(queue)
        writer.partition(batch.topicPartition)
        writer.integer(batch.epoch)
        writer.integer(nextOffset)
        writer.list(entries) { writer, entry in
            writer.integer(entry.offset)
            writer.integer(entry.timestamp)
            writer.integer(entry.keyCount)
            writer.integer(entry.valueCount)
            writer.integer(max(entry.headersCount, 0))
        }
        for entry in entries {
            writer.part(batch.storage, entry.keyStart, entry.keyCount)
            writer.part(batch.storage, entry.valueStart, entry.valueCount)
            writer.part(batch.storage, entry.headersStart, entry.headersCount)
        }
        return writer.frame()
    }
}

extension MessageBatch.Entry {
    /// The number of bytes of key, value and headers.
    fileprivate var contentByteCount: Int {
        Int(max(keyCount, 0)) + Int(max(valueCount, 0)) + Int(max(headersCount, 0))
    }
}

extension WireWriter {
    fileprivate mutating func part(_ storage: ByteStorage, _ start: Int32, _ count: Int32) {
        if count > 0 { bytes(Bytes(storage: storage, start: Int(start), count: Int(count))) }
    }

    fileprivate mutating func reply(_ reply: Result<Reply, FaustError>) {
        switch reply {
        case .success(.done): integer(UInt8(0))
        case .success(.topics(let topics)):
            integer(UInt8(1))
            self.topics(topics)
        case .success(.ranges(let ranges)):
            integer(UInt8(2))
            self.ranges(ranges)
        case .success(.offsets(let offsets)):
            integer(UInt8(3))
            self.offsets(offsets)
        case .success(.commit(let result)):
            integer(UInt8(4))
            commitResult(result)
        case .failure(let error):
            integer(UInt8(5))
            self.error(error)
        case .success(.members(let members)):
            integer(UInt8(6))
            self.members(members)
        }
    }

    fileprivate mutating func outcome(_ outcome: ServerFrame.ProduceOutcome) {
        switch outcome {
        case .appended(let offset, let timestamp):
            boolean(false)
            integer(offset)
            integer(timestamp)
        case .failed(let error):
            boolean(true)
            self.error(error)
        }
    }

    fileprivate mutating func listenerCall(_ call: ServerFrame.ListenerCall) {
        switch call {
        case .assigned(let partitions):
            integer(UInt8(0))
            self.partitions(partitions)
        case .revoked(let partitions):
            integer(UInt8(1))
            self.partitions(partitions)
        case .lost(let partitions):
            integer(UInt8(2))
            self.partitions(partitions)
        case .failed(let error):
            integer(UInt8(3))
            self.error(error)
        }
    }
}
