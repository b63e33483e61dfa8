// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
package import NIOCore

extension ClientFrame {
    /// The frame with its length, ready to be sent.
    package func encoded() -> ByteBuffer {
        var writer = WireWriter()
        switch self {
        case .hello(let version):
            writer.integer(UInt8(0))
            writer.integer(WireProtocol.magic)
            writer.integer(version)
        case .request(let id, let request):
            writer.integer(UInt8(1))
            writer.integer(id)
            request.write(to: &writer)
        case .command(let command):
            writer.integer(UInt8(2))
            command.write(to: &writer)
        case .produce(let producer, let id, let messages):
            writer.integer(UInt8(3))
            writer.integer(producer)
            writer.integer(id)
            writer.outgoingMessages(messages)
        case .listenerReturned(let call):
            writer.integer(UInt8(4))
            writer.integer(call)
        }
        return writer.frame()
    }
}

extension ClientFrame.Request {
    fileprivate func write(to writer: inout WireWriter) {
        switch self {
        case .createTopics(let declarations):
            writer.integer(UInt8(0))
            writer.declarations(declarations)
        case .deleteTopics(let names):
            writer.integer(UInt8(1))
            writer.strings(names)
        case .topics(let names):
            writer.integer(UInt8(2))
            writer.optional(names) { $0.strings($1) }
        case .offsets(let partitions):
            writer.integer(UInt8(3))
            writer.partitions(partitions)
        case .offsetsFrom(let partitions, let timestamp):
            writer.integer(UInt8(4))
            writer.partitions(partitions)
            writer.integer(timestamp)
        case .committedOffsets(let group, let partitions):
            writer.integer(UInt8(5))
            writer.string(group)
            writer.partitions(partitions)
        case .subscribe(let consumer, let sets):
            writer.integer(UInt8(6))
            writer.integer(consumer)
            writer.list(sets) { $0.strings($1.topics) }
        case .commit(let consumer, let offsets):
            writer.integer(UInt8(7))
            writer.integer(consumer)
            writer.offsets(offsets)
        case .closeConsumer(let number): writer.numbered(8, number)
        case .flush(let number): writer.numbered(9, number)
        case .beginTransaction(let number): writer.numbered(10, number)
        case .commitTransaction(let producer, let offsets, let consumer):
            writer.numbered(11, producer)
            writer.offsets(offsets)
            writer.optional(consumer) { $0.integer($1) }
        case .abortTransaction(let number): writer.numbered(12, number)
        case .closeProducer(let number): writer.numbered(13, number)
        case .groupMembers(let group):
            writer.integer(UInt8(14))
            writer.string(group)
        }
    }
}

extension ClientFrame.Command {
    fileprivate func write(to writer: inout WireWriter) {
        switch self {
        case .openConsumer(let number, let options):
            writer.numbered(0, number)
            writer.optional(options.group) { $0.string($1) }
            writer.string(options.clientID)
            writer.string(options.offsetReset.rawValue)
            writer.boolean(options.readCommitted)
        case .openProducer(let number, let clientID, let transactionalID):
            writer.numbered(1, number)
            writer.string(clientID)
            writer.optional(transactionalID) { $0.string($1) }
        case .openQueue(let number, let consumer):
            writer.numbered(2, number)
            writer.integer(consumer)
        case .read(let consumer, let partition, let position, let queue, let epoch):
            writer.numbered(3, consumer)
            writer.partition(partition)
            writer.optional(position) { $0.integer($1) }
            writer.integer(queue)
            writer.integer(epoch)
        case .stopReading(let consumer, let partition):
            writer.numbered(4, consumer)
            writer.partition(partition)
        case .seek(let consumer, let partition, let position, let epoch):
            writer.numbered(5, consumer)
            writer.partition(partition)
            writer.optional(position) { $0.integer($1) }
            writer.integer(epoch)
        case .pause(let consumer, let partitions):
            writer.numbered(6, consumer)
            writer.partitions(partitions)
        case .resume(let consumer, let partitions):
            writer.numbered(7, consumer)
            writer.partitions(partitions)
        case .credit(let queue, let byteCount):
            writer.numbered(8, queue)
            writer.integer(byteCount)
        }
    }
}

extension OutgoingMessage {
    /// How many bytes the message takes in a frame, its partition left aside.
    var wireByteCount: Int {
        25 + (key?.count ?? 0) + (value?.count ?? 0) + (headers.isEmpty ? 0 : HeaderLayout.encodedCount(headers))
    }
}

extension WireWriter {
    fileprivate mutating func numbered(_ kind: UInt8, _ number: UInt32) {
        integer(kind)
        integer(number)
    }

    fileprivate mutating func outgoingMessages(_ messages: [OutgoingMessage]) {
        var indices: [TopicPartition: UInt32] = [:]
        var table: [TopicPartition] = []
        for message in messages where indices[message.topicPartition] == nil {
            indices[message.topicPartition] = UInt32(table.count)
            table.append(message.topicPartition)
        }
        partitions(table)
        list(messages) { writer, message in
            writer.integer(indices[message.topicPartition] ?? 0)
            writer.optional(message.timestampMilliseconds) { $0.integer($1) }
            writer.optionalBytes(message.key)
            writer.optionalBytes(message.value)
            var headers: [UInt8] = []
            if !message.headers.isEmpty { HeaderLayout.encode(message.headers, into: &headers) }
            writer.integer(UInt32(headers.count))
            writer.bytes(headers)
        }
    }
}
