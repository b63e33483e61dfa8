// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import DequeModule
import Synchronization

/// Requests of one loop that are under way, and replies that wait for it.
///
/// One task sends, one takes the replies. A request gives its place to the next one when its reply has been taken.
final class ReplyExchange<Tag: Sendable>: Sendable {
    private struct State {
        /// Requests under way.
        var waiting: Set<UInt64> = []
        var replies = Deque<(tag: Tag, value: Bytes)>()
        /// Places that are not taken by a request or a reply.
        var room: Int
        var sender: CheckedContinuation<Void, Never>?
        var taker: CheckedContinuation<Void, Never>?
        /// Whether all requests have been sent.
        var isOver = false
        var failure: (any Error)?
    }

    private let asker: Result<Asker, any Error>
    private let state: Mutex<State>

    /// An exchange with room for so many requests.
    init(asker: Result<Asker, any Error>, limit: Int) {
        self.asker = asker
        state = Mutex(State(room: limit))
    }

    // MARK: The sender's side

    /// Sends a request when there is room.
    ///
    /// - Throws: What keeps requests from being sent, or `CancellationError`.
    func send(_ tag: Tag, _ request: AskRequest) async throws {
        let asker = try asker.get()
        await waitForRoom()
        try Task.checkCancellation()
        let id = asker.makeID()
        state.withLock { state in
            state.room -= 1
            state.waiting.insert(id)
        }
        asker.submit(request, id: id) { [self] in take(tag, $0, id) }
        // The loop may have ended before there was anything to give up.
        if Task.isCancelled { asker.withdraw([id]) }
    }

    /// Says that there are no more requests.
    func end(_ error: (any Error)?) {
        wakeTaker { state in
            state.isOver = true
            if state.failure == nil { state.failure = error }
        }
    }

    private func take(_ tag: Tag, _ outcome: Result<Bytes, any Error>, _ id: UInt64) {
        wakeTaker { state in
            guard state.waiting.remove(id) != nil else { return }
            switch outcome {
            case .success(let value): state.replies.append((tag, value))
            case .failure(let error): if state.failure == nil { state.failure = error }
            }
        }
    }

    private func waitForRoom() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    if state.room > 0 || Task.isCancelled { return true }
                    state.sender = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            wakeSender { _ in }
        }
    }

    // MARK: The loop's side

    /// The next reply.
    ///
    /// - Returns: `nil` after the last one.
    func next() async throws -> (Tag, Bytes)? {
        while true {
            try Task.checkCancellation()
            let step = try state.withLock { state throws -> (reply: (Tag, Bytes)?, isLast: Bool) in
                if let failure = state.failure { throw failure }
                guard let reply = state.replies.popFirst() else { return (nil, state.isOver && state.waiting.isEmpty) }
                state.room += 1
                return ((reply.tag, reply.value), false)
            }
            if let reply = step.reply {
                wakeSender { _ in }
                return reply
            }
            if step.isLast { return nil }
            await waitForReply()
        }
    }

    private func waitForReply() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    if Self.hasNews(state) || Task.isCancelled { return true }
                    state.taker = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            wakeTaker { _ in }
        }
    }

    private static func hasNews(_ state: State) -> Bool {
        !state.replies.isEmpty || state.failure != nil || (state.isOver && state.waiting.isEmpty)
    }

    /// Gives up what is under way: nobody takes the replies any more.
    func abandon() {
        let ids = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        if case .success(let asker) = asker { asker.withdraw(ids) }
    }

    private func wakeTaker(_ change: (inout State) -> Void) {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            change(&state)
            defer { state.taker = nil }
            return state.taker
        }?
        .resume()
    }

    private func wakeSender(_ change: (inout State) -> Void) {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            change(&state)
            defer { state.sender = nil }
            return state.sender
        }?
        .resume()
    }
}
