// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import NIOCore

/// Carries batches from a queue of the transport to a client, on a thread of its own, because polling blocks.
///
/// It takes nothing out of the queue unless the client has room, and nothing more until the last frame has been
/// handed to the system: what is stored for a slow client is bounded, and all it holds up is this thread.
final class QueuePump: Sendable {
    /// The greatest room that a client can claim to have.
    private static let maximumCredit = 64 << 20
    private static let pollLimit = 1_000

    private struct State {
        var credit = 0
        var isClosed = false
    }

    let queue: any TransportQueue
    private let number: UInt32
    private let channel: any Channel
    private let state = Monitor(State())

    init(number: UInt32, queue: any TransportQueue, channel: any Channel) {
        self.number = number
        self.queue = queue
        self.channel = channel
    }

    /// Starts the thread; it ends after ``close()``.
    func start() -> Bool {
        LogThread.start { self.run() }
    }

    /// Adds to the room that the client has, in bytes.
    func grant(_ byteCount: Int) {
        state.update { state in
            state.credit = min(state.credit + byteCount, Self.maximumCredit)
            return true
        }
    }

    /// Ends the thread.
    func close() {
        state.update { state in
            state.isClosed = true
            return true
        }
        queue.wake()
    }

    private func run() {
        while waitForCredit() {
            // The poll ends when messages arrive, by `close()`, or because the queue was closed.
            for batch in queue.poll(limit: Self.pollLimit, timeout: .seconds(60)) where !send(batch) { return }
        }
    }

    /// Waits until the client has room; `false` at the end.
    private func waitForCredit() -> Bool {
        state.wait { state -> Bool? in
            if state.isClosed { return false }
            return state.credit > 0 ? true : nil
        } ?? false
    }

    private func send(_ batch: MessageBatch) -> Bool {
        for frame in ServerFrame.encode(batch, queue: number) {
            let byteCount = frame.readableBytes
            state.update { state in
                state.credit -= byteCount
                return false
            }
            do {
                try channel.writeAndFlush(frame).wait()
            } catch {
                // The client is gone: the session closes everything that belonged to it.
                return false
            }
        }
        return true
    }
}
