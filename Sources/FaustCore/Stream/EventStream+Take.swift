// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension EventStream {
    /// Collects events into arrays of up to `limit` (Faust's `take_events`); see ``take(_:within:)``.
    ///
    /// On a stream that is ``noack()`` the events of an array are finished by ``Event/ack()`` alone (Faust's
    /// `noack_take`).
    ///
    /// - Parameters:
    ///   - limit: The greatest number of events in an array, 1 or more.
    ///   - within: How long to wait for an array to fill up once it has an event; `nil` waits without end.
    /// - Returns: The arrays.
    @inlinable
    public func takeEvents(_ limit: Int, within: Duration? = nil) -> TakeSequence<Key, Event<Key, Value>> {
        let (key, source) = (key, source)
        let events = with(
            pipeline.then { value, message throws -> Event<Key, Value>? in
                Event(key: try key(message), value: value, message: message, source: source)
            }
        )
        return events.take(limit, within: within)
    }

    /// Collects values with the times of their messages into arrays of up to `limit` (Faust's `take_with_timestamp`); see
    /// ``take(_:within:)``.
    ///
    /// - Parameters:
    ///   - limit: The greatest number of values in an array, 1 or more.
    ///   - within: How long to wait for an array to fill up once it has a value; `nil` waits without end.
    /// - Returns: The arrays.
    @inlinable
    public func takeWithTimestamp(
        _ limit: Int,
        within: Duration? = nil
    ) -> TakeSequence<Key, (value: Value, timestamp: Timestamp)> {
        let timed = with(
            pipeline.then { value, message throws -> (value: Value, timestamp: Timestamp)? in
                (value, Timestamp(milliseconds: message.timestampMilliseconds))
            }
        )
        return timed.take(limit, within: within)
    }
}
