// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A windowed table whose times are a field of the events.
///
/// ``WindowedTable/relative(to:)-(KeyPath<Event,Timestamp>Sendable)`` makes it. What is said there of changes and values
/// holds; the time comes from the event that stands with the key.
public struct EventTimeTable<Key: Sendable, Value: Sendable, Event>: Sendable {
    /// The table, for all that does not depend on an event, such as ``WindowedTable/onClose(_:)``.
    public let table: WindowedTable<Key, Value>
    let time: @Sendable (Event) -> Timestamp

    /// The windows of a key, relative to the time of an event.
    ///
    /// ```swift
    /// views[view.page, of: view] += 1
    /// ```
    public subscript(key: Key, of event: Event) -> WindowedValues<Key, Value> {
        WindowedValues(table: table.relative(to: time(event)), key: key)
    }

    /// The entries that are visible here of the newest window of an event's time; see
    /// ``WindowedTable/items(relativeTo:)``.
    public func items(relativeTo event: Event) -> WindowedItems<Key, Value> {
        table.items(relativeTo: time(event))
    }
}
