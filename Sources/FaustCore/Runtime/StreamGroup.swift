// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// The streams of one agent on one lane: as many as its concurrency says.
///
/// With several, each key always goes to the same one, so that events of one key keep their order; messages without a
/// key are spread evenly. (Faust lets the tasks of an agent steal from each other, which loses the order: AG5.)
final class StreamGroup: Sendable {
    let buffers: [StreamBuffer]
    private let nextBuffer = Atomic<Int>(0)
    /// The number of lanes, if each partition of this one has a stream of its own.
    private let isolation: Int?

    /// Streams of one lane.
    ///
    /// - Parameters:
    ///   - buffers: The streams.
    ///   - isolation: The number of lanes, if partitions are to be kept apart instead of keys.
    init(_ buffers: [StreamBuffer], isolation: Int? = nil) {
        self.buffers = buffers
        self.isolation = isolation
    }

    /// Hands a batch to the streams.
    func deliver(_ batch: MessageBatch) {
        guard buffers.count > 1 else {
            buffers[0].append(Run(batch))
            return
        }
        if let isolation {
            // Every so many-th partition belongs to the lane; partitions that were added since the start share streams.
            buffers[Int(batch.topicPartition.partition) / isolation % buffers.count].append(Run(batch))
            return
        }
        var positions = [ContiguousArray<Int32>](repeating: [], count: buffers.count)
        for index in 0..<batch.count { positions[buffer(for: batch[index].key)].append(Int32(index)) }
        for (buffer, positions) in zip(buffers, positions) where !positions.isEmpty {
            buffer.append(Run(batch, positions: positions))
        }
    }

    private func buffer(for key: Bytes?) -> Int {
        guard let key else {
            return nextBuffer.wrappingAdd(1, ordering: .relaxed).oldValue % buffers.count
        }
        // All keys of a partition share the remainder of their hash: it is mixed, so that every stream gets its share.
        let mixed = UInt32(bitPattern: Partitioner.hash(key)) &* 0x9E37_79B1
        return Int(mixed >> 16) % buffers.count
    }
}
