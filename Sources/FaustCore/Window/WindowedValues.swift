// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

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
    @usableFromInline let table: WindowedTable<Key, Value>
    @usableFromInline let key: Key

    @inlinable
    init(table: WindowedTable<Key, Value>, key: Key) {
        self.table = table
        self.key = key
    }

    /// The value in the newest window of the event's time, or of what the table is relative to.
    ///
    /// Among sessions, that is the one that has the time in it; among sliding windows, the one around an event at the time.
    public var current: Value {
        do throws(FaustError) {
            return read(at: try table.time(in: EventScope.current))
        } catch {
            return fault(error)
        }
    }

    /// The value in the newest window of the stream's latest time; outside of an agent's stream of the time of day.
    public var now: Value {
        read(at: table.latestTime())
    }

    /// The value in the newest window of some time before the event's, or before what the table is relative to.
    public func delta(_ ago: Duration) -> Value {
        do throws(FaustError) {
            return read(at: Window.time(try table.time(in: EventScope.current), before: ago))
        } catch {
            return fault(error)
        }
    }

    /// The value in the newest window of a time.
    public func at(_ time: Timestamp) -> Value {
        read(at: time)
    }

    /// The value in the newest window of a date.
    public func at(_ date: Date) -> Value {
        read(at: Timestamp(date))
    }

    /// The value in a window; `nil` when there is none.
    ///
    /// - Throws: ``FaustError``: the partition is not on this worker, the store can't be read, or the value not decoded.
    public func value(in window: WindowRange) throws(FaustError) -> Value? {
        try table.find(key) { partition throws(FaustError) in
            try table.keeper.method.value(of: key, in: window, partition)
        }
    }

    /// The windows that the key has values in, in the order of their starts: its sessions, if windows are sessions.
    ///
    /// - Throws: ``FaustError``: the partition is not on this worker, the store can't be read, or a value not decoded.
    public func windows() throws(FaustError) -> [(window: WindowRange, value: Value)] {
        let found = try table.find(key) { partition throws(FaustError) -> [(window: WindowRange, value: Value)]? in
            let windows = try table.keeper.method.windows(of: key, in: partition)
            // An empty answer lets other partitions be asked.
            return windows.isEmpty ? nil : windows
        }
        return found ?? []
    }

    /// Changes the value in all windows of the event's time, or of what the table is relative to.
    ///
    /// A change that is late for all windows is dropped; see ``WindowedTable/onLate(_:)``.
    ///
    /// - Throws: What `body` throws, or ``FaustError`` as ``Table/set(_:for:)``.
    @inlinable
    public func update(_ body: (inout Value) throws -> Void) throws {
        if try !table.changeAtHand(key, body) { try table.change(key, body) }
    }

    /// Sets the value in all windows of the event's time.
    ///
    /// - Throws: ``FaustError`` as ``Table/set(_:for:)``.
    @inlinable
    public func set(_ value: Value) throws {
        try update { $0 = value }
    }

    /// Removes the key from all windows of the event's time that have not closed.
    ///
    /// - Throws: ``FaustError`` as ``Table/set(_:for:)``.
    public func remove() throws(FaustError) {
        try table.remove(key)
    }

    private func read(at time: Timestamp) -> Value {
        do throws(FaustError) {
            let value = try table.find(key) { partition throws(FaustError) in
                try table.keeper.method.value(of: key, at: time, partition)
            }
            return value ?? table.parts.makeDefault()
        } catch {
            return fault(error)
        }
    }

    private func fault(_ error: FaustError) -> Value {
        table.core.report(error, isWrite: false)
        return table.parts.makeDefault()
    }

    @inlinable
    func change(_ body: (inout Value) -> Void) {
        do {
            try update(body)
        } catch {
            report(error)
        }
    }

    @usableFromInline
    func report(_ error: any Error) {
        let fault = error as? FaustError ?? FaustError(.handler, "table \(table.name) can't be changed", cause: error)
        table.core.report(fault, isWrite: true)
    }
}

extension WindowedValues where Value: AdditiveArithmetic {
    /// Adds to the value in all windows of the event's time.
    @inlinable
    public static func += (values: WindowedValues, number: Value) {
        values.change { $0 += number }
    }

    /// Subtracts from the value in all windows of the event's time.
    @inlinable
    public static func -= (values: WindowedValues, number: Value) {
        values.change { $0 -= number }
    }
}

extension WindowedValues where Value: Numeric {
    /// Multiplies the value in all windows of the event's time.
    @inlinable
    public static func *= (values: WindowedValues, number: Value) {
        values.change { $0 *= number }
    }
}
