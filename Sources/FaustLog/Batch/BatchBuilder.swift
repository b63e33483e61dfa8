// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Writes records into the memory that becomes a stored batch.
///
/// It is `@unchecked Sendable` because of its raw memory and mutable state. It is safe because it has one user at a
/// time: the producer fills it while it holds the lock of the partition's pending messages, the writer seals it after
/// it took it out of there, and a transaction's builders stay with the transaction, under its lock, until then.
final class BatchBuilder: @unchecked Sendable {
    private var memory: UnsafeMutableRawPointer?
    private var capacity = 0
    private var count = BatchHeader.byteCount
    private var baseTimestamp: Int64 = 0
    private var maxTimestamp = Int64.min
    private var headerBuffer: [UInt8] = []
    /// The number of records.
    private(set) var recordCount = 0
    /// Whom to tell what became of the records.
    var deliveries: [Delivery] = []

    /// The number of bytes of the batch so far.
    var byteCount: Int { count }

    deinit {
        free(memory)
    }

    /// Adds a record behind the others, at the offset after the last one.
    ///
    /// Inlined, so that of a message in an array only what is needed is retained.
    @inline(__always)
    func append(_ message: OutgoingMessage, timestamp: Int64) {
        append(key: message.key, value: message.value, headers: message.headers, timestamp: timestamp, delta: nil)
    }

    /// Adds a record.
    ///
    /// - Parameters:
    ///   - key: The key; `nil` is null.
    ///   - value: The value; `nil` is null.
    ///   - headers: The headers.
    ///   - timestamp: The time, in milliseconds since 1970.
    ///   - delta: The offset relative to the base offset, for a batch with holes; given for all records or for none.
    func append(key: Bytes?, value: Bytes?, headers: Headers, timestamp: Int64, delta: Int64?) {
        if recordCount == 0 { baseTimestamp = timestamp }
        maxTimestamp = max(maxTimestamp, timestamp)
        headerBuffer.removeAll(keepingCapacity: true)
        if !headers.isEmpty { HeaderLayout.encode(headers, into: &headerBuffer) }
        let keyCount = key?.count ?? 0
        let valueCount = value?.count ?? 0
        // Five numbers of at most ten bytes.
        let memory = reserve(50 + keyCount + valueCount + headerBuffer.count)
        var end = count
        if let delta { Self.put(UInt64(bitPattern: delta), memory, &end) }
        let time = timestamp &- baseTimestamp
        Self.put(UInt64(bitPattern: (time &<< 1) ^ (time &>> 63)), memory, &end)
        Self.put(key == nil ? 0 : UInt64(keyCount) &+ 1, memory, &end)
        Self.put(value == nil ? 0 : UInt64(valueCount) &+ 1, memory, &end)
        Self.put(UInt64(headerBuffer.count), memory, &end)
        if let key { Self.put(key, memory, &end) }
        if let value { Self.put(value, memory, &end) }
        if !headerBuffer.isEmpty {
            headerBuffer.withUnsafeBytes { bytes in
                if let start = bytes.baseAddress { (memory + end).copyMemory(from: start, byteCount: bytes.count) }
            }
            end &+= headerBuffer.count
        }
        count = end
        recordCount &+= 1
    }

    /// Completes the batch and gives its memory away; the builder is empty afterwards.
    ///
    /// - Parameters:
    ///   - baseOffset: The offset that the records' offsets are relative to.
    ///   - nextOffset: The offset after the batch; `nil` for a batch without holes.
    ///   - partition: The partition that it goes to.
    /// - Returns: The batch.
    func seal(baseOffset: Int64, nextOffset: Int64? = nil, partition: PartitionID) -> StoredBatch {
        let memory = shrunk()
        let header = BatchHeader(
            baseOffset: baseOffset,
            nextOffset: nextOffset ?? baseOffset + Int64(recordCount),
            baseTimestamp: baseTimestamp,
            maxTimestamp: maxTimestamp,
            recordCount: UInt32(recordCount),
            isContiguous: nextOffset == nil
        )
        header.write(
            to: UnsafeMutableRawBufferPointer(start: memory, count: count),
            seed: partition.checksumSeed
        )
        // The memory belongs to the storage from here on; nothing writes to it any more.
        let storage = ByteStorage(adopting: UnsafeRawPointer(memory), count: count) { pointer in
            free(UnsafeMutableRawPointer(mutating: pointer))
        }
        self.memory = nil
        capacity = 0
        count = BatchHeader.byteCount
        recordCount = 0
        maxTimestamp = .min
        return StoredBatch(header: header, storage: storage, isTrusted: true)
    }

    private func reserve(_ additional: Int) -> UnsafeMutableRawPointer {
        if count &+ additional > capacity || memory == nil {
            capacity = max(count + additional, capacity * 2, 256)
            memory = resized(to: capacity)
        }
        // Set just above when it was nil.
        return memory.unsafelyUnwrapped
    }

    private func shrunk() -> UnsafeMutableRawPointer {
        if let memory, capacity - count < count / 4 { return memory }
        return resized(to: count)
    }

    private func resized(to byteCount: Int) -> UnsafeMutableRawPointer {
        guard let resized = realloc(memory, byteCount) else {
            preconditionFailure("no memory left for \(byteCount) bytes")
        }
        return resized
    }

    @inline(__always)
    private static func put(_ value: UInt64, _ memory: UnsafeMutableRawPointer, _ end: inout Int) {
        var rest = value
        while rest >= 0x80 {
            memory.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: end, as: UInt8.self)
            end &+= 1
            rest &>>= 7
        }
        memory.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: end, as: UInt8.self)
        end &+= 1
    }

    @inline(__always)
    private static func put(_ bytes: Bytes, _ memory: UnsafeMutableRawPointer, _ end: inout Int) {
        (memory + end).copyMemory(from: bytes.storage.baseAddress + bytes.start, byteCount: bytes.count)
        end &+= bytes.count
    }
}
