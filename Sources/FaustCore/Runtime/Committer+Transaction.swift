// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging

/// Commits under exactly-once: the worker has one transaction at a time, for everything that its agents do.
///
/// Output, changelogs and offsets of a transaction take effect together. For that, no event may be half done when it is
/// committed: all streams are held back, and bodies finish what they have in hand (the barrier). Where several streams
/// read a partition, those behind go on until they have caught up with the furthest: only one offset is committed.
///
/// What ends in an abort: a send that failed, a commit that failed, a body that threw and whose event comes again,
/// partitions that were lost, a body that did not finish in time. All partitions then go back to their last commit, and
/// state rolls back with them. A producer that was fenced, an abort that failed and a transaction that can't be opened
/// stop the worker, since nobody knows what has taken effect; the streams stay held back.
extension Committer {
    func commit(_ transaction: Outbox, _ conductor: Conductor) async -> Outcome {
        let isReached = await conductor.reachBarrier(patience: takePatience())
        if let taint = takeTaint() { return await abort(transaction, conductor, taint) }
        guard isReached else {
            let busy = conductor.busy
            let error = FaustError(
                .timeout,
                "agents did not finish their events in time for the commit: \(busy.joined(separator: ", "))",
                isRetriable: true
            )
            return await abort(transaction, conductor, error)
        }
        let offsets = conductor.committable()
        do {
            try await conductor.participants.prepare(ChangelogWriter(producer))
        } catch {
            return giveUp(error)
        }
        guard !offsets.isEmpty || transaction.isDirty else {
            conductor.release()
            return .committed([:])
        }
        do {
            try await producer.flush()
            try await transaction.commit(offsets, of: consumer)
        } catch {
            let error = Self.fault(error, "the transaction can't be committed")
            if error.code == .fenced { return giveUp(Self.fatal(error)) }
            if isHopeless { return giveUp(Self.hopeless(error)) }
            return await abort(transaction, conductor, error)
        }
        conductor.noteCommitted(offsets)
        monitor.commits.add(1)
        noteSuccess()
        return await goOn(transaction, conductor, offsets)
    }

    /// Writes what the transaction has made certain, and opens the next one.
    private func goOn(
        _ transaction: Outbox,
        _ conductor: Conductor,
        _ offsets: [TopicPartition: Int64]
    ) async -> Outcome {
        do {
            try await conductor.participants.store()
            conductor.participants.committed()
            try await transaction.begin()
        } catch {
            return giveUp(Self.fatal(Self.fault(error, "no new transaction can be opened")))
        }
        conductor.release()
        return .committed(offsets)
    }

    private func abort(_ transaction: Outbox, _ conductor: Conductor, _ error: FaustError) async -> Outcome {
        monitor.commitErrors.add(1)
        logger.error(
            "Transaction aborted; what was processed since the last commit is processed again",
            metadata: ["error": "\(error)", "partitions": "\(conductor.assignment)"]
        )
        do {
            // A body may have failed, and another one still be at work: what it does must not get into what follows.
            conductor.expelBusy()
            try await transaction.abort(error)
            await conductor.rollBack()
            try await transaction.begin()
        } catch {
            return giveUp(Self.fatal(Self.fault(error, "the transaction can't be aborted")))
        }
        conductor.release()
        return .failed(error)
    }

    private static func fault(_ error: any Error, _ message: String) -> FaustError {
        error as? FaustError ?? FaustError(.transport, message, cause: error)
    }

    private static func fatal(_ error: FaustError) -> FaustError {
        var error = error
        error.isFatal = true
        return error
    }
}
