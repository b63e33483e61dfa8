// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import DequeModule
import FaustCore

/// Where the batches of a lane come out.
///
/// Nothing is fetched ahead: the polling thread itself reads the log, one turn per partition, so that what is not
/// polled takes no memory. Readers with something to fetch stand in a line; the writer puts those in whose partition
/// has grown.
final class LogQueue: TransportQueue {
    private struct State {
        var line: Deque<PartitionReader> = []
        var isWoken = false
        var isClosed = false
    }

    /// What the polling thread is to do next.
    private enum Turn {
        case fetch(PartitionReader, position: Int64, epoch: UInt64, generation: UInt64)
        case stop
    }

    /// About how much of a partition is fetched before the next one has its turn.
    private static let turnByteCount: Int64 = 1_048_576
    private static let turnOffsetCount = 4096

    private let engine: LogEngine
    private let monitor = Monitor(State())

    init(engine: LogEngine) {
        self.engine = engine
    }

    func poll(limit: Int, timeout: Duration) -> [MessageBatch] {
        var batches: [MessageBatch] = []
        var count = 0
        let deadline = timeout <= .zero ? 0 : Monotonic.deadline(after: timeout)
        while count < limit {
            // Only the first batch is waited for.
            let turn = monitor.wait(until: batches.isEmpty ? deadline : 0) { Self.next(&$0) }
            guard case .fetch(let reader, let position, let epoch, let generation) = turn else { break }
            guard let fetched = fetch(reader, position, epoch, limit: limit - count) else {
                _ = finish(reader, generation, next: position)
                if batches.isEmpty { waitAfterFailure(until: deadline) }
                break
            }
            // A turn that was overtaken ends the poll: it may have used up a wake, which must not be waited for.
            guard finish(reader, generation, next: fetched.position) else { break }
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

    /// Puts a reader in the line if it has something to fetch.
    func becameReady(_ reader: PartitionReader) {
        change(reader) { _ in }
    }

    /// Changes a reader under the lock; puts it in the line if it has something to fetch then.
    func change(_ reader: PartitionReader, _ body: (PartitionReader) -> Void) {
        monitor.update { state in
            body(reader)
            guard !reader.isInLine, reader.hasWork, !state.isClosed else { return false }
            reader.isInLine = true
            state.line.append(reader)
            return true
        }
    }

    private static func next(_ state: inout State) -> Turn? {
        if state.isClosed { return .stop }
        while let reader = state.line.popFirst() {
            if reader.hasWork {
                // What wakes the poll is used up when it returns at once anyhow.
                state.isWoken = false
                return .fetch(
                    reader,
                    position: reader.position,
                    epoch: reader.epoch,
                    generation: reader.generation
                )
            }
            reader.isInLine = false
        }
        if state.isWoken {
            state.isWoken = false
            return .stop
        }
        return nil
    }

    private func fetch(
        _ reader: PartitionReader,
        _ position: Int64,
        _ epoch: UInt64,
        limit: Int
    ) -> (batches: [MessageBatch], position: Int64)? {
        let bounds = reader.log.state
        if position < bounds.start {
            // Nothing more when there is nowhere to go on.
            return ([], reader.onOutOfRange(reader, position) ?? Int64.max)
        }
        let limit = ReadLimit(byteCount: Self.turnByteCount, offsetCount: Int64(min(limit, Self.turnOffsetCount)))
        return engine.fetch(reader, from: position, before: bounds.end, epoch: epoch, limit: limit)
    }

    /// Gives a storage that failed a second to recover, so that its owner does not poll in a busy loop.
    private func waitAfterFailure(until deadline: UInt64?) {
        let pause = Monotonic.now() + 1_000_000_000
        _ = monitor.wait(until: min(deadline ?? pause, pause)) { state in
            defer { state.isWoken = false }
            return state.isWoken || state.isClosed ? true : nil
        }
    }

    /// Moves a reader on after a fetch.
    ///
    /// - Returns: Whether the batches count: the reader was not stopped or directed elsewhere meanwhile.
    private func finish(_ reader: PartitionReader, _ generation: UInt64, next: Int64) -> Bool {
        var isValid = false
        monitor.update { state in
            isValid = reader.generation == generation && !reader.isStopped
            if isValid { reader.position = next }
            reader.isInLine = reader.hasWork && !state.isClosed
            if reader.isInLine { state.line.append(reader) }
            return false
        }
        return isValid
    }
}
