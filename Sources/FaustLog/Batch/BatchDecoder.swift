// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// Finds the records in a stored batch, without copying them.
enum BatchDecoder {
    /// Appends an entry per record.
    ///
    /// Every length is checked against the batch before it is used: damaged bytes throw, they never trap.
    ///
    /// - Parameters:
    ///   - bytes: The whole batch.
    ///   - seed: The seed of the checksum; `nil` for bytes that this process has made itself.
    ///   - minimum: Records below this offset are left out.
    ///   - shift: Is added to the positions, for a batch that is copied behind others.
    ///   - entries: Receives the entries; unchanged when the function throws.
    /// - Returns: The header.
    /// - Throws: ``BatchDamage`` when the bytes are not a whole, undamaged batch.
    @discardableResult
    static func decode(
        _ bytes: UnsafeRawBufferPointer,
        seed: UInt64?,
        from minimum: Int64 = 0,
        shift: Int32 = 0,
        into entries: inout ContiguousArray<MessageBatch.Entry>
    ) throws(BatchDamage) -> BatchHeader {
        let header = try BatchHeader(bytes, seed: seed)
        guard bytes.count <= Int(Int32.max) - Int(shift) else { throw BatchDamage("the batch is too long") }
        let before = entries.count
        entries.reserveCapacity(before + Int(header.recordCount))
        do throws(BatchDamage) {
            try records(bytes, header, minimum, shift, &entries)
        } catch {
            entries.removeSubrange(before...)
            throw error
        }
        return header
    }

    private static func records(
        _ bytes: UnsafeRawBufferPointer,
        _ header: BatchHeader,
        _ minimum: Int64,
        _ shift: Int32,
        _ entries: inout ContiguousArray<MessageBatch.Entry>
    ) throws(BatchDamage) {
        var reader = RecordReader(bytes: bytes, position: BatchHeader.byteCount)
        var previous = header.baseOffset &- 1
        for index in 0..<Int64(header.recordCount) {
            var offset = header.baseOffset &+ index
            if !header.isContiguous {
                let delta = try reader.varint()
                guard delta < UInt64(header.nextOffset &- header.baseOffset) else {
                    throw BatchDamage("an offset lies outside the batch")
                }
                offset = header.baseOffset &+ Int64(delta)
                guard offset > previous else { throw BatchDamage("the offsets are not in order") }
                previous = offset
            }
            let entry = try reader.entry(offset: offset, baseTimestamp: header.baseTimestamp, shift: shift)
            if offset >= minimum { entries.append(entry) }
        }
        guard reader.position == bytes.count else { throw BatchDamage("there are bytes behind the last record") }
    }
}

/// A position that moves over the records of a batch.
private struct RecordReader {
    let bytes: UnsafeRawBufferPointer
    var position: Int

    @inline(__always)
    mutating func entry(
        offset: Int64,
        baseTimestamp: Int64,
        shift: Int32
    ) throws(BatchDamage) -> MessageBatch.Entry {
        let zigzag: UInt64
        let key: UInt64
        let value: UInt64
        let headers: UInt64
        // Nearly always each of the four numbers takes one byte: look at all of them at once.
        if position &+ 4 <= bytes.count, case let word = loadWord(), word & 0x8080_8080 == 0 {
            zigzag = UInt64(word & 0x7F)
            key = UInt64((word &>> 8) & 0x7F)
            value = UInt64((word &>> 16) & 0x7F)
            headers = UInt64(word &>> 24)
            position &+= 4
        } else {
            zigzag = try varint()
            key = try varint()
            value = try varint()
            headers = try varint()
        }
        let remaining = UInt64(bytes.count &- position)
        guard key <= remaining &+ 1, value <= remaining &+ 1, headers <= remaining,
            max(key, 1) &+ max(value, 1) &+ headers <= remaining &+ 2
        else { throw BatchDamage("a record reaches beyond the batch") }
        let keyStart = position
        let valueStart = keyStart &+ Int(max(key, 1)) &- 1
        let headersStart = valueStart &+ Int(max(value, 1)) &- 1
        position = headersStart &+ Int(headers)
        let delta = Int64(bitPattern: zigzag &>> 1) ^ -Int64(bitPattern: zigzag & 1)
        return MessageBatch.Entry(
            offset: offset,
            timestamp: baseTimestamp &+ delta,
            keyStart: Int32(truncatingIfNeeded: keyStart) &+ shift,
            keyCount: Int32(truncatingIfNeeded: key) &- 1,
            valueStart: Int32(truncatingIfNeeded: valueStart) &+ shift,
            valueCount: Int32(truncatingIfNeeded: value) &- 1,
            headersStart: Int32(truncatingIfNeeded: headersStart) &+ shift,
            headersCount: Int32(truncatingIfNeeded: headers)
        )
    }

    @inline(__always)
    private func loadWord() -> UInt32 {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
    }

    mutating func varint() throws(BatchDamage) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position &+= 1
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 { return value }
            shift &+= 7
        }
        throw BatchDamage("a number is cut off")
    }
}
