// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A partition of a windowed table.
typealias WindowPartition<Key: Sendable, Value: Sendable> = TablePartition<WindowedKey<Key>, Value>

/// Gets the final value of a key in a window.
typealias WindowEmit<Key, Value> = (Key, WindowRange, Value) async throws -> Void

/// The way in which the windows of a table are kept: what a change touches, and what the value of a window is.
///
/// Changes and closing come from the thread of the partition's lane, reading from any.
protocol WindowMethod<Key, Value>: Sendable {
    associatedtype Key: Sendable
    associatedtype Value: Sendable
    typealias Partition = WindowPartition<Key, Value>

    /// How the windows are kept as entries.
    var entries: WindowEntries<Key, Value> { get }

    /// Changes the value of a key in the windows of a time that have not closed.
    ///
    /// - Returns: Whether there is one; else the change is late, and `body` was not called.
    func change(
        _ key: Key,
        at moment: WindowMoment,
        in partition: Partition,
        _ scope: EventScope?,
        _ body: (inout Value) throws -> Void
    ) throws -> Bool

    /// Removes a key from the windows of a time that have not closed.
    func remove(_ key: Key, at moment: WindowMoment, in partition: Partition, _ scope: EventScope?) throws(FaustError)

    /// The value of a key in a window; `nil` when there is none.
    func value(of key: Key, in window: WindowRange, _ partition: Partition) throws(FaustError) -> Value?

    /// The value of a key in the newest window of a time; `nil` when there is none.
    func value(of key: Key, at time: Timestamp, _ partition: Partition) throws(FaustError) -> Value?

    /// The windows of a key that there are, in the order of their starts.
    func windows(of key: Key, in partition: Partition) throws(FaustError) -> [(window: WindowRange, value: Value)]

    /// The entries of a partition that are asked for, some at a time.
    func pages(_ selection: WindowSelection, of partition: Partition) -> WindowPages<Key, Value>

    /// Finds the windows that closed after one time of the stream and no later than another one.
    ///
    /// - Parameters:
    ///   - partition: The partition.
    ///   - closed: The time up to which windows were closed before.
    ///   - time: The time up to which they are closed now.
    ///   - emit: Gets the final values; `nil` when nobody wants them.
    /// - Throws: What `emit` throws, or ``FaustError`` when the store can't be read.
    func close(_ partition: Partition, after closed: Int64, upTo time: Int64, _ emit: WindowEmit<Key, Value>?)
        async throws

    /// The keys of the entries that no window needs any more at a time of the stream; `nil` when all are kept.
    func expired(at time: Int64) -> StoreRange?

    /// A partition starts anew, or goes back to its store: what is known of its entries does not count.
    func forget(_ partition: Int32)

    /// What was handed over before is in the stores.
    func settle()
}

extension WindowMethod {
    /// How the entries become bytes.
    var form: TableForm<WindowedKey<Key>, Value> { entries.form }
    var window: Window { entries.window }
    var layout: WindowLayout { entries.layout }

    func value(of key: Key, at time: Timestamp, _ partition: Partition) throws(FaustError) -> Value? {
        try value(of: key, in: window.current(at: time), partition)
    }
}

/// A time that a change is about, and that of the stream with it.
struct WindowMoment: Sendable {
    let time: Timestamp
    /// In milliseconds, no less than `time`.
    let streamTime: Int64
}

/// What entries of a windowed table are asked for.
enum WindowSelection: Sendable {
    case all
    /// Those of one window.
    case window(WindowRange)
    /// Those of the newest windows of a time.
    case time(Timestamp)
}

/// Entries of a partition, some at a time; `nil` at the end.
struct WindowPages<Key: Sendable, Value: Sendable> {
    typealias Entry = (key: WindowedKey<Key>, value: Value)

    let next: () throws(FaustError) -> [Entry]?

    /// No entries.
    static var none: WindowPages { WindowPages { () throws(FaustError) in nil } }
}

/// What all ways of keeping windows need.
struct WindowEntries<Key: Sendable, Value: Sendable>: Sendable {
    let window: Window
    let layout: WindowLayout
    /// The form of keys without windows.
    let base: TableKeyForm<Key>
    let form: TableForm<WindowedKey<Key>, Value>
    let makeDefault: @Sendable () -> Value

    /// - Parameters:
    ///   - window: How time is divided.
    ///   - layout: Where start, end and key lie in the store.
    ///   - table: The form of the table without windows.
    ///   - makeDefault: Makes the value that a key has in a window to begin with.
    init(
        _ window: Window,
        _ layout: WindowLayout,
        _ table: TableForm<Key, Value>,
        makeDefault: @escaping @Sendable () -> Value
    ) {
        (self.window, self.layout, self.makeDefault) = (window, layout, makeDefault)
        base = table.key
        let partitionKey = table.partitionKey
        form = TableForm(
            name: table.name,
            key: .windowed(table.key, layout),
            value: table.value,
            partitionKey: { try partitionKey($0.key) }
        )
    }

    /// The bytes of a key without a window.
    func encode(_ key: Key) throws(FaustError) -> Bytes {
        do { return try base.encode(key) } catch {
            throw FaustError(.encode, "table \(form.name): a key can't be written", cause: error)
        }
    }

    func decode(_ bytes: Bytes) throws(FaustError) -> Key {
        do { return try base.decode(bytes) } catch {
            throw FaustError(.decode, "table \(form.name): a key can't be read", cause: error)
        }
    }

    func parts(of bytes: Bytes) throws(FaustError) -> (window: WindowRange, key: Bytes) {
        do { return try layout.parts(of: bytes) } catch {
            throw FaustError(.decode, "table \(form.name): a key can't be read", cause: error)
        }
    }

    /// The entries of a range as they are, some at a time.
    func pages(
        _ range: StoreRange,
        of partition: TablePartition<WindowedKey<Key>, Value>,
        where isWanted: @escaping (WindowRange) -> Bool = { _ in true }
    ) -> WindowPages<Key, Value> {
        var pages = TablePages(partition: partition, range: range)
        return WindowPages { () throws(FaustError) in
            guard let page = try pages.next() else { return nil }
            var entries: [WindowPages<Key, Value>.Entry] = []
            for entry in page {
                let key = try form.decodeKey(entry.key)
                if isWanted(key.window) { entries.append((key, try entry.value(form))) }
            }
            return entries
        }
    }
}
