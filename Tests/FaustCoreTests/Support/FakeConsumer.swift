// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Synchronization

@testable import FaustCore

/// A consumer that notes what it is told, and commits as a test says.
final class FakeConsumer: TransportConsumer {
    enum Call: Sendable, Equatable {
        case read(TopicPartition, Int64?, epoch: UInt64)
        case stopReading(TopicPartition)
        case seek(TopicPartition, Int64?, epoch: UInt64)
        case pause([TopicPartition])
        case resume([TopicPartition])
        case commit([TopicPartition: Int64])
    }

    typealias Commit = @Sendable ([TopicPartition: Int64]) async throws -> CommitResult

    /// What the consumer was told, in order.
    let calls = Watched<[Call]>([])
    private let onCommit: Commit
    /// Is called while the consumer is told where to read, or to stop.
    let onDirection = Mutex<(@Sendable () -> Void)?>(nil)

    /// A consumer whose commits all succeed, unless `onCommit` says otherwise.
    init(onCommit: @escaping Commit = { CommitResult(committed: $0) }) {
        self.onCommit = onCommit
    }

    /// The epoch that a partition was last read or sought under.
    func epoch(of partition: TopicPartition) -> UInt64? {
        calls.value.lazy
            .compactMap { call -> UInt64? in
                switch call {
                case .read(partition, _, let epoch), .seek(partition, _, let epoch): epoch
                default: nil
                }
            }
            .last
    }

    func makeQueue() -> any TransportQueue { FakeQueue() }
    func subscribe(_ sets: [CopartitionedSet], listener: any RebalanceListener) async throws {}

    func read(_ partition: TopicPartition, from position: Int64?, into queue: any TransportQueue, epoch: UInt64) {
        calls.update { $0.append(.read(partition, position, epoch: epoch)) }
        onDirection.withLock { $0 }?()
    }

    func stopReading(_ partition: TopicPartition) {
        calls.update { $0.append(.stopReading(partition)) }
        onDirection.withLock { $0 }?()
    }

    func seek(_ partition: TopicPartition, to position: Int64?, epoch: UInt64) {
        calls.update { $0.append(.seek(partition, position, epoch: epoch)) }
        onDirection.withLock { $0 }?()
    }

    func pause(_ partitions: [TopicPartition]) {
        calls.update { $0.append(.pause(partitions)) }
    }

    func resume(_ partitions: [TopicPartition]) {
        calls.update { $0.append(.resume(partitions)) }
    }

    func commit(_ offsets: [TopicPartition: Int64]) async throws -> CommitResult {
        calls.update { $0.append(.commit(offsets)) }
        return try await onCommit(offsets)
    }

    func close() async {}
}
