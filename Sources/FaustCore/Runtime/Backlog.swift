// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Tells silence from delay: whether the inputs that nothing comes from have been read to their ends.
///
/// What moves time on with the clock, such as the windows of a table, must not do so while messages wait that would then
/// be late: behind a slow body, a broker that does not answer, a recovery, or a worker that has had no processor time.
final class Backlog: Sendable {
    private let engine: @Sendable () -> Engine?
    private let group: String
    private let topic: String?
    /// The ends at the last look.
    private let known = Mutex<[TopicPartition: Int64]>([:])

    /// - Parameters:
    ///   - topic: The only topic that matters; `nil` for all that the worker reads.
    ///   - group: The consumer group.
    ///   - engine: What reads; `nil` when the worker has ended.
    init(of topic: String? = nil, group: String, engine: @escaping @Sendable () -> Engine?) {
        (self.topic, self.group, self.engine) = (topic, group, engine)
    }

    /// Looks which partition numbers have no backlog.
    ///
    /// All that their partitions had, now or at the last look, is finished. So a stream that always has something in hand
    /// has none either, as long as it keeps up.
    ///
    /// - Parameter numbers: The numbers in question.
    /// - Returns: Those without; none if the broker does not answer.
    func without(_ numbers: Set<Int32>) async -> Set<Int32> {
        guard let engine = engine() else { return numbers }
        let partitions = statuses(engine, of: numbers).map(\.id)
        guard let ranges = try? await ends(of: partitions, engine.transport) else { return [] }
        let last = known.withLock { known in
            defer { for (partition, range) in ranges { known[partition] = range.upperBound } }
            return known
        }
        // Only now, so that what is finished is compared with ends that are no younger.
        let behind = statuses(engine, of: numbers)
            .filter { status in
                guard let range = ranges[status.id], !status.isRecovering else { return true }
                let isFinished = { (end: Int64) in range.isEmpty || Self.finished(status).map { $0 >= end } ?? false }
                return !isFinished(range.upperBound) && !(last[status.id].map(isFinished) ?? false)
            }
        return numbers.subtracting(behind.map(\.id.partition))
    }

    /// How far the partitions of some numbers are.
    private func statuses(_ engine: Engine, of numbers: Set<Int32>) -> [PartitionStatus] {
        (engine.conductor?.statuses() ?? [])
            .filter { numbers.contains($0.id.partition) && (topic == nil || $0.id.topic == topic) }
    }

    /// The positions of the first messages that the group has to read and behind the last ones.
    ///
    /// A partition that was read to its end before this worker started has none: nothing comes from it that would tell
    /// where reading has begun.
    private func ends(
        of partitions: [TopicPartition],
        _ transport: any Transport
    ) async throws -> [TopicPartition: Range<Int64>] {
        // First what is committed, so that it is compared with ends that are no older.
        let committed = try await transport.committedOffsets(group: group, partitions: partitions)
        return try await transport.offsets(of: partitions)
            .reduce(into: [:]) { ranges, known in
                let end = known.value.upperBound
                ranges[known.key] = (committed[known.key] ?? .min) >= end ? end..<end : known.value
            }
    }

    /// Up to where everything is finished; `nil` when nobody knows yet where reading has begun.
    private static func finished(_ status: PartitionStatus) -> Int64? {
        guard status.position < 0 else { return status.finished }
        return status.slowest == nil ? status.committed : nil
    }
}
