// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// An event that waits for partners, as a key of the join's table.
///
/// The bytes are side, time, offset and key, so that those of a side lie in the order of their times. The offset makes an
/// event that is processed again the same entry.
struct JoinKey: Sendable, Hashable {
    let side: JoinSide
    let time: Int64
    let offset: Int64
    /// The key of the message.
    let key: Bytes

    private static let headCount = 17
    /// The changelog's key of how far the time of a partition is; the store has it under no bytes at all.
    static let markerKey: Bytes = "faust.join.time"

    var bytes: Bytes {
        Bytes(
            ByteStorage(count: Self.headCount + key.count) { buffer in
                buffer[0] = side.rawValue
                Self.write(time, to: buffer, at: 1)
                Self.write(offset, to: buffer, at: 9)
                key.withUnsafeBytes { key in
                    UnsafeMutableRawBufferPointer(
                        rebasing: UnsafeMutableRawBufferPointer(buffer)[Self.headCount...]
                    )
                    .copyMemory(from: key)
                }
                return buffer.count
            }
        )
    }

    init(_ side: JoinSide, _ time: Int64, _ offset: Int64, _ key: Bytes) {
        (self.side, self.time, self.offset, self.key) = (side, time, offset, key)
    }

    init(_ bytes: Bytes) throws(FaustError) {
        guard bytes.count >= Self.headCount, let side = JoinSide(rawValue: bytes[0]) else {
            throw FaustError(.corruption, "\(bytes.count) bytes are not the key of an event that waits to be joined")
        }
        self.init(side, Self.number(bytes, at: 1), Self.number(bytes, at: 9), bytes[Self.headCount...])
    }

    /// All entries.
    static let all = StoreRange(from: [JoinSide.left.rawValue])

    /// The entries of a side before a time.
    static func range(_ side: JoinSide, before time: Int64) -> StoreRange {
        StoreRange(from: [side.rawValue], before: Bytes([side.rawValue] + orderedBytes(of: time)))
    }

    private static func write(_ number: Int64, to buffer: UnsafeMutableBufferPointer<UInt8>, at place: Int) {
        UnsafeMutableRawBufferPointer(buffer)
            .storeBytes(of: (number ^ .min).bigEndian, toByteOffset: place, as: Int64.self)
    }

    private static func number(_ bytes: Bytes, at place: Int) -> Int64 {
        // The caller has looked at the number of bytes.
        bytes.withUnsafeBytes { Int64(bigEndian: $0.loadUnaligned(fromByteOffset: place, as: Int64.self)) ^ .min }
    }
}

/// What is kept of an event that waits for partners: its value and headers as they came, and whether it has had one.
struct JoinEntry: Sendable {
    /// A byte that says whether there was a partner, the number of bytes of the headers, the headers, the value.
    let bytes: Bytes

    private static let headCount = 5
    private static let matchedMark: UInt8 = 1

    init(_ message: Message, isMatched: Bool) {
        let entry = message.batch.entries[message.index]
        let headers = Bytes(
            storage: message.batch.storage,
            start: Int(entry.headersStart),
            count: Int(entry.headersCount)
        )
        bytes = Self.pack(isMatched, headers, message.value ?? .empty)
    }

    init(_ bytes: Bytes) throws(FaustError) {
        guard bytes.count >= Self.headCount, bytes[0] <= Self.matchedMark,
            Int(Self.headersCount(bytes)) <= bytes.count - Self.headCount
        else { throw FaustError(.corruption, "\(bytes.count) bytes are not an event that waits to be joined") }
        self.bytes = bytes
    }

    private init(checked bytes: Bytes) { self.bytes = bytes }

    var isMatched: Bool { bytes[0] == Self.matchedMark }

    /// The same event once it has had a partner.
    var matched: JoinEntry {
        JoinEntry(checked: Bytes([Self.matchedMark] + Array(bytes[1...])))
    }

    /// The event as a message of a partition.
    func message(_ key: JoinKey, in partition: TopicPartition, offset: Int64, epoch: UInt64 = 0) -> Message {
        let storage = ByteStorage(count: key.key.count + bytes.count) { buffer in
            let rest = UnsafeMutableRawBufferPointer(buffer)
            key.key.withUnsafeBytes { rest.copyMemory(from: $0) }
            bytes.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(rebasing: rest[key.key.count...]).copyMemory(from: $0)
            }
            return buffer.count
        }
        let headersCount = Int(Self.headersCount(bytes))
        let start = key.key.count + Self.headCount
        let entry = MessageBatch.Entry(
            offset: offset,
            timestamp: key.time,
            keyStart: 0,
            keyCount: Int32(clamping: key.key.count),
            valueStart: Int32(clamping: start + headersCount),
            valueCount: Int32(clamping: bytes.count - Self.headCount - headersCount),
            headersStart: Int32(clamping: start),
            headersCount: Int32(clamping: headersCount)
        )
        let batch = MessageBatch(
            topicPartition: partition,
            epoch: epoch,
            nextOffset: offset + 1,
            storage: storage,
            entries: [entry]
        )
        return Message(batch: batch, index: 0)
    }

    private static func headersCount(_ bytes: Bytes) -> UInt32 {
        bytes.withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 1, as: UInt32.self)) }
    }

    private static func pack(_ isMatched: Bool, _ headers: Bytes, _ value: Bytes) -> Bytes {
        Bytes(
            ByteStorage(count: headCount + headers.count + value.count) { buffer in
                let all = UnsafeMutableRawBufferPointer(buffer)
                all[0] = isMatched ? matchedMark : 0
                all.storeBytes(of: UInt32(headers.count).littleEndian, toByteOffset: 1, as: UInt32.self)
                headers.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(rebasing: all[headCount...]).copyMemory(from: $0)
                }
                value.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(rebasing: all[(headCount + headers.count)...]).copyMemory(from: $0)
                }
                return buffer.count
            }
        )
    }
}

extension TableForm where Key == JoinKey, Value == JoinEntry {
    /// How the events of a join that wait for partners become bytes: the same in store and changelog.
    static func joins(_ name: String) -> TableForm {
        TableForm(
            name: name,
            key: TableKeyForm(
                encode: { $0.bytes },
                decode: { try JoinKey($0) },
                changelogKey: { $0.isEmpty ? JoinKey.markerKey : $0 },
                storeKey: { bytes in
                    if bytes == JoinKey.markerKey { return .empty }
                    return try JoinKey(bytes).bytes
                }
            ),
            value: Serde("join", encode: { $0.bytes }, decode: { try JoinEntry($0) }),
            partitionKey: { $0.key }
        )
    }
}
