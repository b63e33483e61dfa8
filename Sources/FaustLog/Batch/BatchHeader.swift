// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The start of a stored batch.
///
/// A stored batch is the header, of ``byteCount`` bytes, and the records behind it. All numbers are little-endian:
///
/// | bytes | what |
/// | --- | --- |
/// | 0..<8 | XXH64 of all that follows, seeded with topic and partition, so that a batch in the wrong place is noticed |
/// | 8..<12 | `F`, `L`, `B` and the version of the layout, 1 |
/// | 12..<16 | flags; bit 0: the offsets have no holes |
/// | 16..<24 | the base offset, which is also in the key under which the batch is stored |
/// | 24..<32 | the offset after the batch, holes behind the last record included |
/// | 32..<40 | the time that the records' times are relative to, in milliseconds since 1970 |
/// | 40..<48 | the latest time of a record |
/// | 48..<52 | the number of records |
/// | 52..<56 | zero |
///
/// A record is, in variable-length integers (7 bits per byte, lowest first): the offset relative to the base offset
/// (only when the batch has holes), the relative time (zigzag), the length of the key plus 1 (0 for null), the length
/// of the value plus 1 (0 for null), the length of the headers; then the key, the value and the headers, these in the
/// layout of `HeaderLayout`.
struct BatchHeader: Sendable, Equatable {
    /// The number of bytes of a header.
    static let byteCount = 56
    /// The version of the layout that is written.
    static let version: UInt8 = 1
    /// `F`, `L`, `B` as the low bytes of a little-endian number.
    static let magic: UInt32 = 0x42_4C_46
    /// The flag of a batch whose offsets have no holes.
    static let contiguous: UInt32 = 1

    /// The offset that the records' offsets are relative to.
    var baseOffset: Int64
    /// The offset after the batch.
    var nextOffset: Int64
    /// The time that the records' times are relative to, in milliseconds since 1970.
    var baseTimestamp: Int64
    /// The latest time of a record, in milliseconds since 1970.
    var maxTimestamp: Int64
    /// The number of records.
    var recordCount: UInt32
    /// Whether the offsets are the base offset and those right behind it.
    var isContiguous: Bool

    /// Writes the header, with the checksum over it and the records behind it.
    ///
    /// - Parameters:
    ///   - memory: The whole batch, whose records are complete.
    ///   - seed: The seed of the checksum; see ``PartitionID/checksumSeed``.
    func write(to memory: UnsafeMutableRawBufferPointer, seed: UInt64) {
        memory.storeBytes(of: (Self.magic | UInt32(Self.version) << 24).littleEndian, toByteOffset: 8, as: UInt32.self)
        memory.storeBytes(of: (isContiguous ? Self.contiguous : 0).littleEndian, toByteOffset: 12, as: UInt32.self)
        memory.storeBytes(of: baseOffset.littleEndian, toByteOffset: 16, as: Int64.self)
        memory.storeBytes(of: nextOffset.littleEndian, toByteOffset: 24, as: Int64.self)
        memory.storeBytes(of: baseTimestamp.littleEndian, toByteOffset: 32, as: Int64.self)
        memory.storeBytes(of: maxTimestamp.littleEndian, toByteOffset: 40, as: Int64.self)
        memory.storeBytes(of: recordCount.littleEndian, toByteOffset: 48, as: UInt32.self)
        memory.storeBytes(of: 0, toByteOffset: 52, as: UInt32.self)
        let checksum = XXHash64.hash(UnsafeRawBufferPointer(rebasing: memory[8...]), seed: seed)
        memory.storeBytes(of: checksum.littleEndian, toByteOffset: 0, as: UInt64.self)
    }
}

extension BatchHeader {
    /// Reads a header.
    ///
    /// - Parameters:
    ///   - bytes: The whole batch.
    ///   - seed: The seed of the checksum; `nil` trusts the batch and does not compute it.
    /// - Throws: ``BatchDamage`` when it is no batch of a known version, or the checksum differs.
    init(_ bytes: UnsafeRawBufferPointer, seed: UInt64?) throws(BatchDamage) {
        guard bytes.count >= Self.byteCount else {
            throw BatchDamage("\(bytes.count) bytes are too few for a batch")
        }
        let mark = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        guard mark & 0xFF_FFFF == Self.magic else { throw BatchDamage("the bytes do not start like a batch") }
        guard mark >> 24 == UInt32(Self.version) else {
            throw BatchDamage("the batch has layout \(mark >> 24); this program reads layout \(Self.version)")
        }
        if let seed {
            let stored = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
            let computed = XXHash64.hash(UnsafeRawBufferPointer(rebasing: bytes[8...]), seed: seed)
            guard stored == computed else { throw BatchDamage("the checksum differs") }
        }
        let flags = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
        isContiguous = flags & Self.contiguous != 0
        baseOffset = Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: Int64.self))
        nextOffset = Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 24, as: Int64.self))
        baseTimestamp = Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 32, as: Int64.self))
        maxTimestamp = Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 40, as: Int64.self))
        recordCount = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 48, as: UInt32.self))
        guard baseOffset >= 0, nextOffset > baseOffset, Int64(recordCount) <= nextOffset - baseOffset,
            Int(recordCount) <= (bytes.count - Self.byteCount) / 4
        else { throw BatchDamage("the offsets or the number of records are impossible") }
    }
}

/// Why a stored batch can't be read.
struct BatchDamage: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
