// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting

@testable import FaustCore

/// State that notes what it is told, and sends a message per commit.
final class FakeParticipant: CommitParticipant {
    typealias Recover = @Sendable (TopicPartition) async throws -> Void

    let name = "fake"
    /// What the participant was told, in order.
    let told: Watched<[String]>
    /// The positions of the messages of the last commit, as they were known when it was stored.
    let stored = Watched<[TopicPartition: Int64]>([:])
    private let changes: [OutgoingMessage]
    private let onStore: @Sendable () throws -> Void
    private let onRecover: Recover?
    private let receipt = Watched<ChangelogReceipt?>(nil)

    init(
        told: Watched<[String]> = Watched([]),
        changes: [OutgoingMessage] = [],
        store: @escaping @Sendable () throws -> Void = {},
        recover: Recover? = nil
    ) {
        self.told = told
        self.changes = changes
        onStore = store
        onRecover = recover
    }

    func needsRecovery(_ partition: TopicPartition) -> Bool { onRecover != nil }

    func recover(_ partition: TopicPartition) async throws {
        note("recover \(partition)")
        do { try await onRecover?(partition) } catch {
            note("interrupted \(partition)")
            throw error
        }
        note("recovered \(partition)")
    }

    func revoked(_ partitions: [TopicPartition]) async { note("revoked \(partitions)") }
    func lost(_ partitions: [TopicPartition]) async { note("lost \(partitions)") }
    func committed() { note("committed") }
    func rollBack(_ partitions: [TopicPartition]) async { note("roll back \(partitions)") }

    func prepare(_ changelog: ChangelogWriter) async throws {
        note("prepare")
        let sent = changelog.send(changes)
        receipt.update { $0 = sent }
    }

    func store() async throws {
        note("store")
        stored.update { $0 = receipt.value?.positions ?? [:] }
        try onStore()
    }

    private func note(_ text: String) {
        told.update { $0.append(text) }
    }
}
