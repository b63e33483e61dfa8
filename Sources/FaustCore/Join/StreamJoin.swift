// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Two topics whose events are joined by key when their times are close: an agent reads the results as a stream.
///
/// ```swift
/// let paid = orders.join(payments, within: .seconds(600), grace: .seconds(60))
/// app.agent("ship", paid) { stream in
///     for try await (order, payment) in stream { … }
/// }
/// ```
///
/// ``Topic/join(_:within:grace:)`` and its siblings make it; it says nothing to the app before an agent reads it. Each agent
/// that does has buffers of its own.
///
/// **Partners** are events of the same key whose times, those of their messages, differ by no more than `within`, both ends
/// included; each pair is one result. ``before(_:)`` and ``after(_:)`` set the two directions apart, as Kafka Streams'
/// `JoinWindows` does.
///
/// **Time** is that of the join in each partition: the lesser of the greatest times that both streams have brought, so that
/// a stream that is read behind the other one has no late events (Kafka Streams takes the greater one). A stream that brings
/// nothing for five seconds is not waited for; when neither brings anything, time goes on with the clock. An event's
/// window **closes** when the time is more than `grace` behind its end: the latest time that a partner can have. Then it gets no
/// partners any more. An event that comes when its own window has closed is late: it is dropped, counted
/// (``lateCount``) and told to ``onLate(_:)``.
///
/// **Without a partner.** A left join puts out each left event that has had no partner, an outer join also the right ones: once,
/// after the window has closed (as Kafka Streams does since 3.1). An event without a key never has a partner, and is put
/// out at once (KIP-962), or dropped and counted (``skippedCount``) by joins that do not keep it. So is a message whose value
/// is null, by all joins.
///
/// **Delivery.** An event is finished when all of its results are handled; its offset may be committed then. At least once: a crash
/// repeats results, and loses none. An event that was put out without a partner is not joined with one afterwards. With
/// `processingGuarantee` `exactly_once`, what the agent makes of the results takes effect once. **Order**: results of a key
/// come in the order in which the events were processed that made them complete, an event's partners in the order of their times;
/// events without a partner in the order of their times, when a commit finds that they have closed.
///
/// **State.** Events wait in a table, `{agent}-join`, with a changelog, from which they are recovered, until their windows
/// close. Both topics need equally many partitions and keys that are written alike; that is checked when the app starts.
public struct StreamJoin<Key: Sendable, Joined: Sendable>: Sendable {
    /// Told apart by whether the event comes alone.
    typealias Bound = (_ partner: Message?) throws -> Joined

    let apps: JoinPair<App>
    let topics: JoinPair<TopicSelection>
    /// What the keys of both topics are written with.
    let keySerdes: JoinPair<String>
    var window: JoinWindow
    let keeps: JoinPair<Bool>
    /// The key of a message of either topic.
    let key: @Sendable (JoinSide, Message) throws -> Key
    /// Decodes an event, to make results of it and its partners.
    let bind: @Sendable (JoinSide, Message) throws -> Bound
    let notes = JoinNotes()

    /// Events that came when their windows had closed, over all agents of this worker that read the join.
    public var lateCount: Int { notes.late.value }

    /// Messages that can't be joined: the value is null, or the key is and the join does not keep events without partners.
    public var skippedCount: Int { notes.skipped.value }

    /// Has right events be partners only from some time before the left one on.
    ///
    /// - Parameter difference: How much earlier than the left event the right one may be; not negative.
    /// - Returns: The join with this bound in the place of `within`.
    public func before(_ difference: Duration) -> StreamJoin {
        var copy = self
        copy.window.before = JoinWindow.milliseconds(difference)
        return copy
    }

    /// Has right events be partners only up to some time after the left one.
    ///
    /// - Parameter difference: How much later than the left event the right one may be; not negative.
    /// - Returns: The join with this bound in the place of `within`.
    public func after(_ difference: Duration) -> StreamJoin {
        var copy = self
        copy.window.after = JoinWindow.milliseconds(difference)
        return copy
    }

    /// Adds a closure that is told of events that come too late.
    ///
    /// - Parameter hook: Gets the message, on the lane of its partition; must not block.
    public func onLate(_ hook: @escaping @Sendable (Message) -> Void) {
        notes.hooks.withLock { $0.append(hook) }
    }
}

/// What a join counts, and whom it tells.
final class JoinNotes: Sendable {
    let late = Monitor.Counter()
    let skipped = Monitor.Counter()
    let hooks = Mutex<[@Sendable (Message) -> Void]>([])

    func noteLate(_ message: Message) {
        late.add(1)
        for hook in hooks.withLock({ $0 }) { hook(message) }
    }
}
