// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Where a stream's events come from and how they are acknowledged.
@usableFromInline
struct StreamSource: Sendable {
    /// Whether an event is finished when the next one is asked for.
    @usableFromInline let acknowledges: Bool
    /// Holds buffer and context, so that a copy of the source, of which each ``Event`` has one, retains one object.
    @usableFromInline let shared: Shared

    /// The runs that wait for the iterator.
    @inlinable var buffer: StreamBuffer { shared.buffer }
    /// What streams need from the app.
    @inlinable var context: StreamContext { shared.context }

    /// Whether the event in hand is given back when the iterator is gone, since nobody else will.
    let endsWithIterator: Bool

    init(
        buffer: StreamBuffer,
        acknowledges: Bool = true,
        context: StreamContext,
        endsWithIterator: Bool = false
    ) {
        self.endsWithIterator = endsWithIterator
        self.acknowledges = acknowledges
        self.shared = Shared(buffer, context)
    }

    @usableFromInline
    final class Shared: Sendable {
        @usableFromInline let buffer: StreamBuffer
        @usableFromInline let context: StreamContext

        init(_ buffer: StreamBuffer, _ context: StreamContext) {
            self.buffer = buffer
            self.context = context
        }
    }
}

/// What a stream needs from the app that it runs in.
@usableFromInline
struct StreamContext: Sendable {
    /// Applies the policy for messages that can't be decoded; throws when the policy is to stop.
    var undecodable: @Sendable (Message, FaustError) async throws -> Void
    /// Counts events that an iterator has handed out, when it moves on to others.
    var countEvents: @Sendable (Int) -> Void
    /// Sends messages as they are, for `forward` and `echo`.
    var producer: @Sendable () throws -> Producer
    /// Waits while too many sends are under way.
    var ebb: @Sendable () async -> Void
    /// Suspends for a while by the app's clock.
    var sleep: @Sendable (Duration) async throws -> Void
    /// The time that has passed by the app's clock since the app was made.
    @usableFromInline var elapsed: @Sendable () -> Duration
    /// The app, for streams that go through topics.
    var app: App?
    /// The agent that the stream belongs to; `nil` outside of agents.
    var agent: String?
}

/// Thrown by a processor to drop an event: it is not yielded and counts as finished (Faust's `Skip`).
public struct Skip: Error, Sendable {
    /// Drops the event.
    public init() {}
}

/// What the decoding step of a pipeline throws, so that it is told from errors of the user's own steps.
@usableFromInline
struct DecodeFailure: Error {
    @usableFromInline let error: FaustError

    @inlinable
    init(_ error: FaustError) {
        self.error = error
    }
}
