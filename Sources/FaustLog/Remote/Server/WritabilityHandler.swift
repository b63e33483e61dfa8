// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import NIOCore
import Synchronization

#if FAUST_TSAN
import FaustCore
#endif

/// Lets a task wait until the other side has taken what was written.
///
/// A server that waits before it reads the next frame stores no more than a bounded number of answers for a client
/// that does not read them.
final class WritabilityHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = Any

    private struct State {
        var isWritable = true
        var isClosed = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Suspends until the channel can take more, or is closed; one task at a time waits.
    func wait() async {
        if state.withLock({ $0.isWritable || $0.isClosed }) { return }
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.isWritable || state.isClosed { return true }
                precondition(state.waiter == nil, "two tasks wait for a connection")
                state.waiter = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isWritable = context.channel.isWritable
        update { $0.isWritable = isWritable }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        update { $0.isClosed = true }
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        update { $0.isClosed = true }
    }

    private func update(_ change: (inout State) -> Void) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            change(&state)
            guard state.isWritable || state.isClosed else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
