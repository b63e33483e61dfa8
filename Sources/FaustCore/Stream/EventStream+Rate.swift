// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension EventStream {
    /// Replaces each value by any number of values.
    ///
    /// The event is finished when the loop asks for more after the last of them; until then all of them count as in hand,
    /// and all come again when the body fails. Without values the event is dropped and counts as finished.
    ///
    /// - Parameter transform: Makes the values; may suspend. ``Skip`` drops the event.
    /// - Returns: The stream of the new values; keys, headers and acknowledgement are those of the message. With
    ///   ``noack()``, acknowledging one of its events acknowledges the message.
    public func flatMap<Values: Sequence & SendableMetatype>(
        _ transform: @escaping @concurrent @Sendable (Value) async throws -> Values
    ) -> EventStream<Key, Values.Element> where Values.Element: Sendable {
        with(pipeline.flat { value in Array(try await transform(value)) })
    }

    /// Lets no more than so many events through in a stretch of time; the others wait, and none is lost.
    ///
    /// It spares what the body calls: events that wait fill the stream's buffer, which stops their partitions. A stretch
    /// begins with its first event, by the app's clock. The limit holds for one stream: an agent has one per lane and unit
    /// of concurrency, on every worker.
    ///
    /// - Parameters:
    ///   - limit: The greatest number of events, 1 or more.
    ///   - interval: The length of a stretch.
    /// - Returns: The stream with the same events.
    public func throttle(_ limit: Int, per interval: Duration) -> EventStream<Key, Value> {
        precondition(limit > 0, "throttle(_:per:) needs a limit of at least 1")
        let (pace, context) = (Pace(limit: limit, interval: interval), source.context)
        return dropping(
            pipeline.then { value, _ async throws -> Value? in
                while let pause = pace.pause(at: context.elapsed()) { try await context.sleep(pause) }
                return value
            }
        )
    }

    /// Drops events that have the mark of one that came shortly before in the same partition.
    ///
    /// Time is that of the messages, so that it makes no difference when they are processed. An event is a duplicate when
    /// an earlier offset of its partition has the same mark and the times are less than `window` apart; the first counts,
    /// not the last that was dropped. An event that comes again, since its body failed or its partition went back, is no
    /// duplicate of itself.
    ///
    /// The marks are in memory, no more than `limit` per partition (the oldest make room), and begin anew when the body
    /// runs again or the partition moves to another worker: then a duplicate may come through, but nothing is lost.
    /// Duplicates in different partitions are not seen: ``groupBy(_:name:partitions:)`` brings them together.
    ///
    /// - Parameters:
    ///   - mark: What duplicates have in common, such as the id of a request.
    ///   - window: For how long a mark is known.
    ///   - limit: The greatest number of marks per partition.
    /// - Returns: The stream without the duplicates, which count as finished.
    public func dedupe<Mark: Hashable & Sendable>(
        by mark: @escaping @Sendable (Value) throws -> Mark,
        within window: Duration,
        limit: Int = 100_000
    ) -> EventStream<Key, Value> {
        precondition(limit > 0, "dedupe(by:within:limit:) needs a limit of at least 1")
        let marks = PartitionMarks<Mark>(window: window, limit: limit)
        return dropping(
            pipeline.then { value, message throws -> Value? in
                marks.note(try mark(value), of: message) ? value : nil
            }
        )
    }
}
