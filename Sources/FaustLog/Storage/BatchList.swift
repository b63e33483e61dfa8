// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import DequeModule

/// Batches of one partition in memory, in order.
struct BatchList: Sendable {
    private var batches: Deque<StoredBatch> = []

    /// The first batch.
    var first: StoredBatch? { batches.first }
    /// Whether there is no batch.
    var isEmpty: Bool { batches.isEmpty }

    /// Adds a batch behind the others, or in place of the one with the same base offset.
    mutating func put(_ batch: StoredBatch) {
        let position = batches.isEmpty ? 0 : lowerBound(batch.info.baseOffset)
        if position < batches.count, batches[position].info.baseOffset == batch.info.baseOffset {
            batches[position] = batch
        } else {
            batches.insert(batch, at: position)
        }
    }

    /// Removes the batches whose base offsets lie in a range.
    ///
    /// - Returns: How many bytes they had.
    @discardableResult
    mutating func remove(_ range: Range<Int64>) -> Int64 {
        let start = lowerBound(range.lowerBound)
        let end = lowerBound(range.upperBound)
        guard start < end else { return 0 }
        defer { batches.removeSubrange(start..<end) }
        return batches[start..<end].reduce(0) { $0 + $1.info.byteCount }
    }

    /// Removes the first batch if it has this base offset.
    ///
    /// - Returns: How many bytes it had; 0 if it is another one.
    mutating func removeFirst(baseOffset: Int64) -> Int64 {
        guard let first = batches.first, first.info.baseOffset == baseOffset else { return 0 }
        batches.removeFirst()
        return first.info.byteCount
    }

    /// The batches from the one that holds an offset, or else the first behind it.
    func read(from offset: Int64, limit: ReadLimit) -> [StoredBatch] {
        var result: [StoredBatch] = []
        var byteCount: Int64 = 0
        for batch in batches[position(of: offset)...] {
            result.append(batch)
            byteCount += batch.info.byteCount
            if byteCount >= limit.byteCount || batch.info.nextOffset - offset >= limit.offsetCount { break }
        }
        return result
    }

    /// What is known of the batches from the one that holds an offset, or else the first behind it.
    func index(from offset: Int64, count: Int) -> [BatchInfo] {
        batches[position(of: offset)...].prefix(count).map(\.info)
    }

    private func position(of offset: Int64) -> Int {
        let next = lowerBound(offset)
        if next > 0, batches[next - 1].info.nextOffset > offset { return next - 1 }
        return next
    }

    /// The position of the first batch whose base offset is `offset` or greater.
    private func lowerBound(_ offset: Int64) -> Int {
        // Most often the question is about the end.
        if let last = batches.last, last.info.baseOffset < offset { return batches.count }
        var low = 0
        var high = batches.count
        while low < high {
            let middle = (low + high) / 2
            if batches[middle].info.baseOffset < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
