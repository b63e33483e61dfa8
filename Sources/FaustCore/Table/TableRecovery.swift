// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging
import Synchronization

/// Brings the store of a table partition to the end of its changelog.
///
/// The end is captured once. The recovery is over when the reader's *position* reaches it, whatever lies in between:
/// holes, control records, messages of aborted transactions, or nothing at all (Faust counts messages and hangs: RC14).
/// A store that is where the changelog ends reads one message, to see that it is the log that the store knows.
struct TableRecovery<Key: Sendable, Value: Sendable>: Sendable {
    let partition: TablePartition<Key, Value>
    let core: TableCore<Key, Value>
    let context: TableContext
    let progress: RecoveryProgress

    /// Thrown when a message is not the one that the store was told of.
    private struct OtherLog: Error {}

    /// The number of messages from which on the store is told that many will come.
    private static var bulkCount: Int64 { 20_000 }
    /// How often, and how long apart, a store is tried that another process has open (Faust: SO10).
    private static var openAttempts: Int { 30 }
    private static var openPause: Duration { .seconds(1) }

    func run() async throws {
        var store: any Store
        if let open = partition.openStore() {
            store = open
        } else {
            store = try await open()
            partition.install(store)
        }
        let id = partition.changelog
        guard let log = try await context.transport.offsets(of: [id])[id] else {
            throw FaustError(
                .unknownPartition,
                "the changelog of table \(core.name) has no such partition",
                topicPartition: id
            )
        }
        var start = try store.position()
        if let fault = start.flatMap({ Self.fault(of: $0, log) }) {
            store = try await discard(store, because: fault)
            start = nil
        }
        do {
            try await replay(into: store, from: start, log)
        } catch is OtherLog {
            store = try await discard(store, because: "it belongs to another log of the same name")
            try await replay(into: store, from: nil, log)
        }
    }

    /// Why a store can't be of the changelog.
    private static func fault(of position: StorePosition, _ log: Range<Int64>) -> String? {
        if position.next > log.upperBound {
            return "it is at offset \(position.next), ahead of its changelog, which ends at \(log.upperBound)"
        }
        if position.next < log.lowerBound {
            return "it is at offset \(position.next), and its changelog starts at \(log.lowerBound)"
        }
        return nil
    }

    // MARK: The store

    private func open() async throws -> any Store {
        let location = StoreLocation(
            url: core.configuration.store ?? context.settings.store,
            table: core.storeName,
            partition: partition.number,
            directory: context.settings.tableDirectory,
            logger: context.logger
        )
        var attempt = 1
        while true {
            do throws(FaustError) {
                return try context.stores.open(location)
            } catch {
                guard error.isRetriable, attempt < Self.openAttempts else { throw error }
                context.logger.warning("A store can't be opened yet", metadata: ["error": "\(error)"])
                try await context.clock.sleep(Self.openPause)
                attempt += 1
            }
        }
    }

    /// Throws a store away and opens an empty one in its place.
    private func discard(_ store: any Store, because reason: String) async throws -> any Store {
        context.logger.error(
            "A table's store is thrown away and rebuilt from its changelog",
            metadata: ["table": "\(core.name)", "partition": "\(partition.number)", "reason": "\(reason)"]
        )
        partition.install(nil)
        try store.destroy()
        let fresh = try await open()
        partition.install(fresh)
        return fresh
    }

    // MARK: The changelog

    private func replay(into store: any Store, from position: StorePosition?, _ log: Range<Int64>) async throws {
        // The last message that the store knows is read once more, to see that it is still the same.
        var start = position?.next ?? log.lowerBound
        if let last = position?.last, last.offset < start, last.offset >= log.lowerBound { start = last.offset }
        guard start < log.upperBound else { return }
        let isBulk = log.upperBound - start > Self.bulkCount
        if isBulk { try store.setBulkLoading(true) }
        let total = log.upperBound - start
        partition.note(end: log.upperBound, next: start)
        progress.begin(partition.number, total)
        defer { progress.end(partition.number) }
        let known = Mutex<StorePosition.Mark?>(position?.last)
        try await context.reader.replay(partition.changelog, from: start, to: log.upperBound) { batch in
            try apply(batch, to: store, known)
            progress.note(partition.number, rest: max(log.upperBound - batch.nextOffset, 0))
        }
        if isBulk { try store.setBulkLoading(false) }
    }

    /// Follows the changelog for good, from where the store is.
    ///
    /// - Throws: What can't be read or stored, or `CancellationError`.
    func follow() async throws {
        guard let store = partition.openStore() else { return }
        let id = partition.changelog
        let position = try store.position()
        var start = position?.next
        if start == nil { start = try await context.transport.offsets(of: [id])[id]?.lowerBound }
        let known = Mutex<StorePosition.Mark?>(position?.last)
        partition.note(next: start)
        try await context.reader.replay(id, from: start ?? 0, to: nil) { batch in
            try apply(batch, to: store, known)
        }
    }

    private func apply(_ messages: MessageBatch, to store: any Store, _ known: borrowing Mutex<StorePosition.Mark?>)
        throws
    {
        var last = known.withLock { $0 }
        var batch = StoreBatch()
        batch.reserveCapacity(messages.count)
        for index in 0..<messages.count {
            let message = messages[index]
            if let last, message.offset <= last.offset {
                guard message.offset == last.offset, message.timestampMilliseconds == last.timestampMilliseconds else {
                    throw OtherLog()
                }
                continue
            }
            last = .init(offset: message.offset, timestampMilliseconds: message.timestampMilliseconds)
            add(message, to: &batch)
        }
        batch.position = StorePosition(next: messages.nextOffset, last: last)
        try store.apply(batch)
        partition.noteReplayed(batch)
        partition.note(next: messages.nextOffset)
        known.withLock { $0 = last }
    }

    private func add(_ message: Message, to batch: inout StoreBatch) {
        guard let key = message.key else { return skip(message, FaustError(.decode, "a message without a key")) }
        do {
            let key = try partition.entries.storeKey(key)
            try partition.entries.change(key, message.value, writtenAt: message.timestampMilliseconds, in: &batch)
        } catch {
            skip(message, error)
        }
    }

    private func skip(_ message: Message, _ error: any Error) {
        context.logger.error(
            "A message of a changelog can't be read; it is left out of the table",
            metadata: [
                "table": "\(core.name)", "partition": "\(message.topicPartition)", "offset": "\(message.offset)",
                "error": "\(error)",
            ]
        )
    }
}
