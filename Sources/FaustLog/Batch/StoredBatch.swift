// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// A partition as the storage knows it.
struct PartitionID: Sendable, Hashable {
    /// The number of the topic, which no other topic ever gets.
    let topic: UInt32
    /// The number of the partition.
    let partition: Int32

    /// The seed of the checksums of the partition's batches.
    var checksumSeed: UInt64 { UInt64(topic) << 32 | UInt64(UInt32(bitPattern: partition)) }
}

/// What is known of a stored batch without reading it.
struct BatchInfo: Sendable, Equatable {
    /// The offset that the batch is found by.
    let baseOffset: Int64
    /// The offset after the batch.
    let nextOffset: Int64
    /// The latest time of a record, in milliseconds since 1970.
    let maxTimestamp: Int64
    /// The number of bytes.
    let byteCount: Int64
}

/// A batch as it lies in the storage.
struct StoredBatch: Sendable {
    /// What is known of it without reading it.
    let info: BatchInfo
    /// The whole batch.
    let storage: ByteStorage
    /// Whether this process made the bytes, so that the checksum needs no look.
    let isTrusted: Bool

    init(info: BatchInfo, storage: ByteStorage, isTrusted: Bool) {
        self.info = info
        self.storage = storage
        self.isTrusted = isTrusted
    }

    init(header: BatchHeader, storage: ByteStorage, isTrusted: Bool) {
        let info = BatchInfo(
            baseOffset: header.baseOffset,
            nextOffset: header.nextOffset,
            maxTimestamp: header.maxTimestamp,
            byteCount: Int64(storage.count)
        )
        self.init(info: info, storage: storage, isTrusted: isTrusted)
    }

    /// Calls `body` with the bytes, which must not escape.
    func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeRawBufferPointer(start: storage.baseAddress, count: storage.count))
    }

    /// Appends an entry per record; see ``BatchDecoder/decode(_:seed:from:shift:into:)``.
    func decode(
        of partition: PartitionID,
        from minimum: Int64 = 0,
        shift: Int32 = 0,
        into entries: inout ContiguousArray<MessageBatch.Entry>
    ) throws(BatchDamage) {
        try withBytes { bytes throws(BatchDamage) in
            let seed = isTrusted ? nil : partition.checksumSeed
            let header = try BatchDecoder.decode(bytes, seed: seed, from: minimum, shift: shift, into: &entries)
            guard header.baseOffset == info.baseOffset else {
                throw BatchDamage("the batch belongs to offset \(header.baseOffset)")
            }
        }
    }
}
