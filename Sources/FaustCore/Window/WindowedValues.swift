// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The values of one key of a windowed table, Faust's `WindowSet`.
///
/// ```swift
/// views[page] += 1                          // in all windows of the event's time
/// views[page].current                       // the newest of these windows
/// views[page].delta(.seconds(1_800))        // the one of half an hour before
/// ```
///
/// Properties and operators can't throw: what goes wrong fails the event in hand, as with ``Table/subscript(_:)``.
public struct WindowedValues<Key: Sendable, Value: Sendable>: Sendable {
    let table: WindowedTable<Key, Value>
    let key: Key

    /// The value in the newest window of the event's time, or of what the table is relative to.
    public var current: Value {
        readAtEventTime { table.window.current(at: $0) }
    }

    /// The value in the newest window of the stream's latest time; outside of an agent's stream of the time of day.
    public var now: Value {
        read(table.window.current(at: table.latestTime()))
    }

    /// The value in the newest window of some time before the event's, or before what the table is relative to.
    public func delta(_ ago: Duration) -> Value {
        readAtEventTime { table.window.delta(at: $0, ago) }
    }

    /// The value in the newest window of a time.
    public func at(_ time: Timestamp) -> Value {
        read(table.window.current(at: time))
    }

    /// The value in a window; `nil` when there is none.
    ///
    /// - Throws: ``FaustError``: the partition is not on this worker, the store can't be read, or the value not decoded.
    public func value(in window: WindowRange) throws(FaustError) -> Value? {
        try table.core.value(for: WindowedKey(key, in: window))
    }

    /// Changes the value in all windows of the event's time, or of what the table is relative to.
    ///
    /// A change that is late for all windows is dropped; see ``WindowedTable/onLate(_:)``.
    ///
    /// - Throws: What `body` throws, or ``FaustError`` as ``Table/set(_:for:)``.
    public func update(_ body: (inout Value) throws -> Void) throws {
        try table.change(key, body)
    }

    /// Sets the value in all windows of the event's time.
    ///
    /// - Throws: ``FaustError`` as ``Table/set(_:for:)``.
    public func set(_ value: Value) throws {
        try table.change(key) { $0 = value }
    }

    /// Removes the key from all windows of the event's time that have not closed.
    ///
    /// - Throws: ``FaustError`` as ``Table/set(_:for:)``.
    public func remove() throws(FaustError) {
        try table.remove(key)
    }

    private func readAtEventTime(_ window: (Timestamp) -> WindowRange) -> Value {
        do throws(FaustError) {
            return read(window(try table.time(in: EventScope.current)))
        } catch {
            table.core.report(error, isWrite: false)
            return table.makeDefault()
        }
    }

    private func read(_ window: WindowRange) -> Value {
        do throws(FaustError) {
            return try value(in: window) ?? table.makeDefault()
        } catch {
            table.core.report(error, isWrite: false)
            return table.makeDefault()
        }
    }

    private func change(_ body: (inout Value) -> Void) {
        do {
            try table.change(key, body)
        } catch {
            let fault =
                error as? FaustError ?? FaustError(.handler, "table \(table.name) can't be changed", cause: error)
            table.core.report(fault, isWrite: true)
        }
    }
}

extension WindowedValues where Value: AdditiveArithmetic {
    /// Adds to the value in all windows of the event's time.
    public static func += (values: WindowedValues, number: Value) {
        values.change { $0 += number }
    }

    /// Subtracts from the value in all windows of the event's time.
    public static func -= (values: WindowedValues, number: Value) {
        values.change { $0 -= number }
    }
}

extension WindowedValues where Value: Numeric {
    /// Multiplies the value in all windows of the event's time.
    public static func *= (values: WindowedValues, number: Value) {
        values.change { $0 *= number }
    }
}
