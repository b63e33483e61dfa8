// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import FaustCore
import Synchronization

/// Where the batches of a lane come out.
///
/// Partitions in which something waits stand in a line. The polling thread takes from the first one's queue in
/// librdkafka, one turn per partition, and waits at a lock of its own, so that ``wake()`` and closing reach it at once
/// and no message is missed.
final class KafkaQueue: TransportQueue {
    private struct State {
        var line: [PartitionReader] = []
        var isWoken = false
        var isClosed = false
    }

    /// What the polling thread is to do next.
    private enum Turn {
        case fetch(PartitionReader)
        case stop
    }

    /// About how many messages of a partition are taken before the next one has its turn.
    private static let turnCount = 1_000

    private let monitor = QueueMonitor(State())
    /// Only one thread polls at a time; the lock is there so that a program that errs does not corrupt memory.
    private let buffer = Mutex(MessageBuffer())

    func poll(limit: Int, timeout: Duration) -> [MessageBatch] {
        var batches: [MessageBatch] = []
        var count = 0
        while count < limit {
            // Only the first batch is waited for.
            let turn = monitor.wait(atMost: batches.isEmpty ? timeout : .zero) { Self.next(&$0) }
            guard case .fetch(let reader) = turn else { break }
            let limit = min(limit - count, Self.turnCount)
            let fetched = buffer.withLock { reader.fetch(&$0, limit: limit) }
            finish(reader, mayHaveMore: fetched.mayHaveMore)
            batches += fetched.batches
            count += fetched.batches.reduce(0) { $0 + max($1.count, 1) }
        }
        return batches
    }

    func wake() {
        monitor.update { state in
            state.isWoken = true
            return true
        }
    }

    /// Lets nothing out any more.
    func close() {
        monitor.update { state in
            state.isClosed = true
            state.line = []
            return true
        }
    }

    /// Notes that something may wait for a reader; librdkafka's threads call it, too.
    func becameReady(_ reader: PartitionReader) {
        change(reader) { $0.hasNews = true }
    }

    /// Changes a reader under the lock; puts it in the line if something may wait for it then.
    func change(_ reader: PartitionReader, _ body: (PartitionReader) -> Void) {
        monitor.update { state in
            body(reader)
            guard !reader.isInLine, Self.hasWork(reader), !state.isClosed else { return false }
            reader.isInLine = true
            state.line.append(reader)
            return true
        }
    }

    private static func hasWork(_ reader: PartitionReader) -> Bool {
        reader.hasNews && !reader.isPaused && !reader.isStopped
    }

    private static func next(_ state: inout State) -> Turn? {
        if state.isClosed { return .stop }
        while !state.line.isEmpty {
            let reader = state.line.removeFirst()
            if hasWork(reader) {
                // What comes from here on is news again.
                reader.hasNews = false
                // What wakes the poll is used up when it returns at once anyhow.
                state.isWoken = false
                return .fetch(reader)
            }
            reader.isInLine = false
        }
        if state.isWoken {
            state.isWoken = false
            return .stop
        }
        return nil
    }

    /// Puts a reader at the end of the line if there may be more.
    private func finish(_ reader: PartitionReader, mayHaveMore: Bool) {
        monitor.update { state in
            if mayHaveMore { reader.hasNews = true }
            reader.isInLine = Self.hasWork(reader) && !state.isClosed
            if reader.isInLine { state.line.append(reader) }
            return false
        }
    }
}
#endif
