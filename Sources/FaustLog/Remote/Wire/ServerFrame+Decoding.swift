// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import FaustCore

extension ServerFrame {
    /// Reads a frame, without its length.
    package init(decoding bytes: Bytes) throws(WireFault) {
        var reader = WireReader(bytes)
        switch try reader.integer(UInt8.self) {
        case 0:
            guard try reader.integer(UInt64.self) == WireProtocol.magic else {
                throw WireFault("this is not a server of the log")
            }
            self = .hello(version: try reader.integer(), description: try reader.string())
            // A later version may say more in its hello.
            return
        case 1: self = .reply(id: try reader.integer(), try reader.reply())
        case 2:
            let id: UInt64 = try reader.integer()
            let outcomes = try reader.array(elementByteCount: 14) { reader throws(WireFault) -> ProduceOutcome in
                if try reader.boolean() { return .failed(try reader.error()) }
                return .appended(offset: try reader.integer(), timestampMilliseconds: try reader.integer())
            }
            self = .produced(id: id, outcomes)
        case 3: self = .batch(queue: try reader.integer(), try reader.batch())
        case 4:
            let (call, consumer): (UInt64, UInt32) = (try reader.integer(), try reader.integer())
            self = .listenerCall(call: call, consumer: consumer, try reader.listenerCall())
        case 5: self = .goodbye(try reader.error())
        case let other: throw WireFault("there is no frame of kind \(other)")
        }
        try reader.end()
    }
}

extension WireReader {
    fileprivate mutating func reply() throws(WireFault) -> Result<Reply, FaustError> {
        switch try integer(UInt8.self) {
        case 0: .success(.done)
        case 1: .success(.topics(try topics()))
        case 2: .success(.ranges(try ranges()))
        case 3: .success(.offsets(try offsets()))
        case 4: .success(.commit(try commitResult()))
        case 5: .failure(try error())
        case 6: .success(.members(try members()))
        case let other: throw WireFault("there is no reply of kind \(other)")
        }
    }

    fileprivate mutating func listenerCall() throws(WireFault) -> ServerFrame.ListenerCall {
        switch try integer(UInt8.self) {
        case 0: .assigned(try partitions())
        case 1: .revoked(try partitions())
        case 2: .lost(try partitions())
        case 3: .failed(try error())
        case let other: throw WireFault("there is no listener call of kind \(other)")
        }
    }

    /// A batch whose messages lie in the storage of the frame.
    fileprivate mutating func batch() throws(WireFault) -> MessageBatch {
        let partition = try partition()
        let epoch: UInt64 = try integer()
        let nextOffset: Int64 = try integer()
        let count = try count(elementByteCount: 28)
        var entries = ContiguousArray<MessageBatch.Entry>()
        entries.reserveCapacity(count)
        // The contents of all messages lie behind the last entry, in the order of the entries.
        var content = position + count * 28
        for _ in 0..<count { entries.append(try entry(&content)) }
        guard content == bytes.count else { throw WireFault("the contents end at \(content), not at \(bytes.count)") }
        _ = try slice(remaining)
        return MessageBatch(
            topicPartition: partition,
            epoch: epoch,
            nextOffset: nextOffset,
            storage: bytes.storage,
            entries: entries
        )
    }

    private mutating func entry(_ content: inout Int) throws(WireFault) -> MessageBatch.Entry {
        let (offset, timestamp): (Int64, Int64) = (try integer(), try integer())
        let (key, value, headers): (Int32, Int32, Int32) = (try integer(), try integer(), try integer())
        guard key >= -1, value >= -1, headers >= 0 else { throw WireFault("a message has a negative length") }
        let keyStart = content
        let valueStart = keyStart + Int(max(key, 0))
        let headersStart = valueStart + Int(max(value, 0))
        content = headersStart + Int(headers)
        guard content <= bytes.count else { throw WireFault("a message ends behind its frame") }
        // The frame is a slice of a storage of at most `maximumFrameByteCount` bytes: the positions fit.
        return MessageBatch.Entry(
            offset: offset,
            timestamp: timestamp,
            keyStart: Int32(bytes.start + keyStart),
            keyCount: key,
            valueStart: Int32(bytes.start + valueStart),
            valueCount: value,
            headersStart: Int32(bytes.start + headersStart),
            headersCount: headers
        )
    }
}
