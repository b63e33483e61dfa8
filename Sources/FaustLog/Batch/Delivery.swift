// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// Messages of one call of `send` that lie in one batch, and whom to tell what became of them.
struct Delivery: Sendable {
    /// Which messages of the call they are.
    enum Indices: Sendable {
        case range(Range<Int>)
        case list([Int])

        subscript(bounds: Range<Int>) -> Indices {
            switch self {
            case .range(let range): .range(range.lowerBound + bounds.lowerBound..<range.lowerBound + bounds.upperBound)
            case .list(let list): .list(Array(list[bounds]))
            }
        }

        var count: Int {
            switch self {
            case .range(let range): range.count
            case .list(let list): list.count
            }
        }

        subscript(position: Int) -> Int {
            switch self {
            case .range(let range): range.lowerBound + position
            case .list(let list): list[position]
            }
        }
    }

    /// Is told of each message.
    let completion: @Sendable (Int, Result<RecordMetadata, FaustError>) -> Void
    /// The messages.
    var indices: Indices
    /// The position of the first of them in the batch.
    let firstRecord: Int
    /// The time of the messages without one of their own, in milliseconds since 1970.
    let timestamp: Int64
    /// The times of all the messages; empty when all have ``timestamp``.
    var timestamps: [Int64]

    /// Tells that the messages are in the log.
    func succeed(in topicPartition: TopicPartition, baseOffset: Int64) {
        for position in 0..<indices.count {
            let metadata = RecordMetadata(
                topicPartition: topicPartition,
                offset: baseOffset + Int64(firstRecord + position),
                timestampMilliseconds: timestamps.isEmpty ? timestamp : timestamps[position]
            )
            completion(indices[position], .success(metadata))
        }
    }

    /// Tells that the messages did not get into the log.
    func fail(_ error: FaustError) {
        for position in 0..<indices.count { completion(indices[position], .failure(error)) }
    }
}
