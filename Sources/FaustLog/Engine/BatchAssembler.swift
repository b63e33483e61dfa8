// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// Turns stored batches into batches for readers.
///
/// A large batch is handed on as it is, without a copy. Neighbours that are small are copied into one: to a reader a
/// thousand batches of one message cost far more than the copy.
struct BatchAssembler {
    /// The number of bytes from which on a batch is not copied.
    private static let copyByteCount = 16_384
    /// The number of bytes of a batch that is put together.
    private static let fullByteCount = 262_144

    private let log: PartitionLog
    private let epoch: UInt64
    private let onDamage: (Range<Int64>, String) -> Void
    private let start: Int64
    private var position: Int64
    private var batches: [MessageBatch] = []
    private var small: [StoredBatch] = []
    private var smallByteCount = 0
    private var hasUntoldHole = false

    init(log: PartitionLog, position: Int64, epoch: UInt64, onDamage: @escaping (Range<Int64>, String) -> Void) {
        self.log = log
        self.start = position
        self.position = position
        self.epoch = epoch
        self.onDamage = onDamage
    }

    /// Adds a batch behind the others.
    mutating func add(_ batch: StoredBatch) {
        if batch.storage.count < Self.copyByteCount {
            small.append(batch)
            smallByteCount += batch.storage.count
            if smallByteCount >= Self.fullByteCount { combine() }
        } else {
            combine()
            adopt(batch)
        }
    }

    /// Leaves offsets out that can't be read any more.
    mutating func skip(to next: Int64, _ reason: String) {
        combine()
        if next > position { damaged(position..<next, reason) }
    }

    /// Everything that was added, and the position behind it.
    ///
    /// - Parameter end: The position when nothing at all was found.
    mutating func finish(orHoleUpTo end: Int64) -> (batches: [MessageBatch], position: Int64) {
        combine()
        if position == start {
            position = end
            hasUntoldHole = true
        }
        if hasUntoldHole { append(Bytes.empty.storage, []) }
        return (batches, position)
    }

    private mutating func adopt(_ batch: StoredBatch) {
        var entries: ContiguousArray<MessageBatch.Entry> = []
        do throws(BatchDamage) {
            try batch.decode(of: log.id, from: position, into: &entries)
        } catch {
            return damaged(max(position, batch.info.baseOffset)..<batch.info.nextOffset, error.description)
        }
        position = batch.info.nextOffset
        append(batch.storage, entries)
    }

    private mutating func combine() {
        let batches = small
        small = []
        smallByteCount = 0
        if batches.count <= 1 {
            if let batch = batches.first { adopt(batch) }
            return
        }
        var entries: ContiguousArray<MessageBatch.Entry> = []
        let total = batches.reduce(0) { $0 + $1.storage.count }
        var damages: [(Range<Int64>, String)] = []
        var next = position
        let storage = ByteStorage(count: total) { buffer in
            let memory = UnsafeMutableRawBufferPointer(buffer)
            var end = 0
            for batch in batches {
                do throws(BatchDamage) {
                    try batch.decode(of: log.id, from: position, shift: Int32(end), into: &entries)
                    batch.withBytes { UnsafeMutableRawBufferPointer(rebasing: memory[end...]).copyMemory(from: $0) }
                    end += batch.storage.count
                } catch {
                    damages.append((max(next, batch.info.baseOffset)..<batch.info.nextOffset, error.description))
                }
                next = batch.info.nextOffset
            }
            return end
        }
        for (range, reason) in damages { onDamage(range, reason) }
        position = next
        append(storage, entries)
    }

    private mutating func damaged(_ range: Range<Int64>, _ reason: String) {
        onDamage(range, reason)
        position = range.upperBound
        hasUntoldHole = true
    }

    private mutating func append(_ storage: ByteStorage, _ entries: ContiguousArray<MessageBatch.Entry>) {
        hasUntoldHole = false
        batches.append(
            MessageBatch(
                topicPartition: log.topicPartition,
                epoch: epoch,
                nextOffset: position,
                storage: storage,
                entries: entries
            )
        )
    }
}
