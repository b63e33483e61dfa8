// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Logging

extension LogEngine {
    /// Reads messages of a partition.
    ///
    /// - Parameters:
    ///   - reader: Who reads.
    ///   - position: The first offset wanted; it lies before `end`.
    ///   - end: Nothing from here on is returned.
    ///   - epoch: The epoch that the batches carry.
    ///   - limit: How much to read.
    /// - Returns: The batches, and where to go on; `nil` when the storage failed. Behind a hole or damage there is an
    ///   empty batch, so that the owner learns the position.
    func fetch(
        _ reader: PartitionReader,
        from position: Int64,
        before end: Int64,
        epoch: UInt64,
        limit: ReadLimit
    ) -> (batches: [MessageBatch], position: Int64)? {
        var assembler = BatchAssembler(
            log: reader.log,
            position: position,
            epoch: epoch,
            onDamage: { reader.onDamage(reader.log, $0, $1) }
        )
        do throws(FaustError) {
            let items = try storage.read(reader.log.id, from: position, limit: limit)
            for item in items {
                switch item {
                case .batch(let batch):
                    if batch.info.baseOffset >= end { break }
                    assembler.add(batch)
                case .damaged(let range, let reason):
                    if range.lowerBound >= end { break }
                    assembler.skip(to: min(range.upperBound, end), reason)
                }
            }
        } catch {
            // This is not told as a hole, since the data may still be there.
            logger.error(
                "the log can't be read",
                metadata: ["partition": "\(reader.log.topicPartition)", "error": "\(error)"]
            )
            return nil
        }
        return assembler.finish(orHoleUpTo: end)
    }

    /// The offset of the first message of a time or later; the end offset when there is none.
    func offset(in log: PartitionLog, from timestampMilliseconds: Int64) throws(FaustError) -> Int64 {
        let state = log.state
        var position = state.start
        while position < state.end {
            let infos = try storage.index(log.id, from: position, count: 1000)
            for info in infos where info.maxTimestamp >= timestampMilliseconds {
                if let offset = try offset(in: log, of: info, from: max(position, state.start), timestampMilliseconds) {
                    return offset
                }
            }
            guard let last = infos.last else { break }
            position = last.nextOffset
        }
        return state.end
    }

    private func offset(
        in log: PartitionLog,
        of info: BatchInfo,
        from position: Int64,
        _ timestampMilliseconds: Int64
    ) throws(FaustError) -> Int64? {
        let limit = ReadLimit(byteCount: 1, offsetCount: 1)
        let items = try storage.read(log.id, from: max(info.baseOffset, position), limit: limit)
        guard case .batch(let batch) = items.first, batch.info == info else { return nil }
        var entries: ContiguousArray<MessageBatch.Entry> = []
        guard (try? batch.decode(of: log.id, from: position, into: &entries)) != nil else { return nil }
        return entries.first { $0.timestamp >= timestampMilliseconds }?.offset
    }
}
