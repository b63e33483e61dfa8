// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import FaustCore

/// The protocol between the process that owns a log and those that use it through its socket.
///
/// A frame is its length in bytes as a little-endian `UInt32` followed by so many bytes: a byte for the kind and the
/// fields. Each side begins with a hello, which names the version.
package enum WireProtocol {
    package static let version: UInt16 = 2
    /// The first bytes of either side's hello.
    static let magic: UInt64 = 0x474F_4C54_5355_4146
    /// The greatest length of a frame, in bytes.
    package static let maximumFrameByteCount = 64 << 20
    /// About how many bytes of messages go into one frame.
    static let preferredFrameByteCount = 1 << 20
}

/// What a client sends.
package enum ClientFrame: Sendable {
    case hello(version: UInt16)
    case request(id: UInt64, Request)
    case command(Command)
    /// Messages for a producer; `id` is chosen by the client and comes back with the outcomes.
    case produce(producer: UInt32, id: UInt64, [OutgoingMessage])
    /// A call of a rebalance listener has returned.
    case listenerReturned(call: UInt64)

    /// What is answered with a ``Reply``.
    package enum Request: Sendable {
        case createTopics([TopicDeclaration])
        case deleteTopics([String])
        case topics([String]?)
        case offsets([TopicPartition])
        case offsetsFrom([TopicPartition], timestampMilliseconds: Int64)
        case committedOffsets(group: String, [TopicPartition])
        case subscribe(consumer: UInt32, [CopartitionedSet])
        case commit(consumer: UInt32, [TopicPartition: Int64])
        case closeConsumer(UInt32)
        case flush(producer: UInt32)
        case beginTransaction(producer: UInt32)
        case commitTransaction(producer: UInt32, [TopicPartition: Int64], consumer: UInt32?)
        case abortTransaction(producer: UInt32)
        case closeProducer(UInt32)
        case groupMembers(String)
    }

    /// What is not answered; the client chooses the numbers of consumers, producers and queues.
    package enum Command: Sendable {
        case openConsumer(UInt32, ConsumerOptions)
        case openProducer(UInt32, clientID: String, transactionalID: String?)
        case openQueue(UInt32, consumer: UInt32)
        case read(consumer: UInt32, TopicPartition, position: Int64?, queue: UInt32, epoch: UInt64)
        case stopReading(consumer: UInt32, TopicPartition)
        case seek(consumer: UInt32, TopicPartition, position: Int64?, epoch: UInt64)
        case pause(consumer: UInt32, [TopicPartition])
        case resume(consumer: UInt32, [TopicPartition])
        /// The client has room for so many more bytes of a queue's batches.
        case credit(queue: UInt32, byteCount: UInt32)
    }

    /// The configuration of a consumer, without the logger.
    package struct ConsumerOptions: Sendable {
        package var group: String?
        package var clientID: String
        package var offsetReset: OffsetReset
        package var readCommitted: Bool

        package init(group: String?, clientID: String, offsetReset: OffsetReset, readCommitted: Bool) {
            self.group = group
            self.clientID = clientID
            self.offsetReset = offsetReset
            self.readCommitted = readCommitted
        }
    }
}

/// What a server answers to a request.
package enum Reply: Sendable {
    case done
    case topics([TopicMetadata])
    case ranges([TopicPartition: Range<Int64>])
    case offsets([TopicPartition: Int64])
    case commit(CommitResult)
    case members([GroupMemberDescription])
}

/// What a server sends.
package enum ServerFrame: Sendable {
    case hello(version: UInt16, description: String)
    case reply(id: UInt64, Result<Reply, FaustError>)
    case produced(id: UInt64, [ProduceOutcome])
    case batch(queue: UInt32, MessageBatch)
    case listenerCall(call: UInt64, consumer: UInt32, ListenerCall)
    /// The last frame: why the server closes the connection.
    case goodbye(FaustError)

    /// What became of a message.
    package enum ProduceOutcome: Sendable {
        case appended(offset: Int64, timestampMilliseconds: Int64)
        case failed(FaustError)
    }

    /// A call of a rebalance listener.
    package enum ListenerCall: Sendable {
        case assigned([TopicPartition])
        case revoked([TopicPartition])
        case lost([TopicPartition])
        case failed(FaustError)
    }
}
