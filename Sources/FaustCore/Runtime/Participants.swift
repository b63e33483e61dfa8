// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// All that takes part in a worker's commits, called one after the other in the order of their declaration.
struct Participants: Sendable {
    private let all: [any CommitParticipant]

    init(_ all: [any CommitParticipant] = []) {
        self.all = all
    }

    func start() async throws {
        for participant in all { try await participant.start() }
    }

    func stop() async {
        for participant in all { await participant.stop() }
    }

    func needsRecovery(_ partition: TopicPartition) -> Bool {
        all.contains { $0.needsRecovery(partition) }
    }

    /// Gets the state of a partition ready, all participants at the same time.
    func recover(_ partition: TopicPartition) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for participant in all where participant.needsRecovery(partition) {
                group.addTask {
                    do {
                        try await participant.recover(partition)
                    } catch  where !Task.isCancelled {
                        throw Self.fatal(error, "\(participant.name) can't be recovered")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    func revoked(_ partitions: [TopicPartition]) async {
        for participant in all { await participant.revoked(partitions) }
    }

    func lost(_ partitions: [TopicPartition]) async {
        for participant in all { await participant.lost(partitions) }
    }

    func prepare(_ changelog: ChangelogWriter) async throws(FaustError) {
        for participant in all {
            do { try await participant.beforePrepare() } catch {
                throw Self.fatal(error, "\(participant.name) can't be committed")
            }
        }
        for participant in all {
            do { try await participant.prepare(changelog) } catch {
                throw Self.fatal(error, "\(participant.name) can't be committed")
            }
        }
    }

    func store() async throws(FaustError) {
        for participant in all {
            do { try await participant.store() } catch {
                throw Self.fatal(error, "\(participant.name) can't be stored")
            }
        }
    }

    func committed() {
        for participant in all { participant.committed() }
    }

    func rollBack(_ partitions: [TopicPartition]) async {
        for participant in all { await participant.rollBack(partitions) }
    }

    private static func fatal(_ error: any Error, _ message: String) -> FaustError {
        guard var error = error as? FaustError else {
            return FaustError(.storage, message, cause: error, isFatal: true)
        }
        error.isFatal = true
        return error
    }
}
