// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A distributed, durable key/value store: what Faust calls a table.
///
/// ```swift
/// let counts = app.table("counts", key: String.self, default: 0)
///
/// app.agent("counter", words) { stream in
///     for try await word in stream { counts[word] += 1 }
/// }
/// ```
///
/// A table is divided as the topics are that it is written from: partition *p* of the table is on the worker that reads
/// partition *p* of the topics. Write under the key of the events, which are in the right partition by themselves.
///
/// **Durability**: every commit sends one message per changed key to the changelog `{app.id}-{name}-changelog`, from
/// which any worker can build the partition anew, and writes the same entries to the store. **Delivery**: the offsets of
/// the events are committed after that, so that a crash repeats events rather than losing them.
///
/// **Writing** works only while an agent iterates over a stream whose topics have as many partitions as the table; also
/// in its child tasks, with ``EventStream/take(_:within:)`` and with any concurrency. Everywhere else it is an error:
/// methods throw it; a subscript, which can't throw, fails the event in hand, so that the agent's ``ErrorPolicy``
/// decides, and without an event stops the worker.
///
/// **Reading** works anywhere. Inside an agent's stream it sees the partition of the event in hand; elsewhere it sees
/// all partitions of this worker.
///
/// A handle is a value that can be used from any task. A table without a default has optional values, see
/// ``App/table(_:key:value:help:configuration:)-swift.method``.
public struct Table<Key: Sendable, Value: Sendable>: Sendable {
    @usableFromInline let core: TableCore<Key, Value>
    @usableFromInline let makeDefault: @Sendable () -> Value

    /// The name of the table.
    public var name: String { core.name }
    /// What the table is for, in a sentence; may be empty.
    public var help: String { core.help }
    /// The name of the topic that the table is recovered from.
    public var changelogTopic: String { core.changelogTopic }
    /// The number of partitions; `nil` while no worker runs.
    public var partitionCount: Int? { core.partitionCount.map { Int($0) } }

    /// The value of a key, or the default when there is none, which is not stored by being read.
    ///
    /// Setting a table of optional values to `nil` removes the entry. What goes wrong fails the event in hand; use
    /// ``value(for:)`` and ``set(_:for:)`` to catch it on the spot.
    public subscript(key: Key) -> Value {
        @inlinable get {
            do throws(FaustError) {
                return try core.value(for: key) ?? makeDefault()
            } catch {
                core.report(error, isWrite: false)
                return makeDefault()
            }
        }
        @inlinable nonmutating set {
            do throws(FaustError) { try set(newValue, for: key) } catch { core.report(error, isWrite: true) }
        }
        @inlinable nonmutating _modify {
            // One look-up serves the reading and the writing of `table[key] += 1`.
            if let spot = core.spot(), let entry = core.entryAtHand(key, spot) {
                var value = entry.value ?? makeDefault()
                defer { core.finish(key, value, entry.place, spot, isPresent: entry.value != nil) }
                yield &value
                return
            }
            let access: TableAccess<Key, Value>?
            do throws(FaustError) {
                access = try core.searchAccess(key)
            } catch {
                access = nil
                core.report(error, isWrite: true)
            }
            var value = access?.value ?? makeDefault()
            defer {
                if let access {
                    do throws(FaustError) {
                        try core.finish(access, value, key)
                    } catch {
                        core.report(error, isWrite: true)
                    }
                }
            }
            yield &value
        }
    }

    /// The value of a key; `nil` when there is none.
    ///
    /// - Throws: ``FaustError``: the partition is not on this worker, the store can't be read, or the value not decoded.
    @inlinable
    public func value(for key: Key) throws(FaustError) -> Value? {
        try core.value(for: key)
    }

    /// Whether there is a value for a key.
    ///
    /// - Throws: ``FaustError``, as ``value(for:)``.
    @inlinable
    public func contains(_ key: Key) throws(FaustError) -> Bool {
        try core.value(for: key) != nil
    }

    /// Sets the value of a key.
    ///
    /// - Throws: ``FaustError``: the code is not inside of a stream that fits, or the key can't be written.
    @inlinable
    public func set(_ value: Value, for key: Key) throws(FaustError) {
        try core.finish(try core.access(key), value, key)
    }

    /// Changes the value of a key, or the default when there is none.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - body: Changes the value; when it throws nothing is changed.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, or ``FaustError`` as ``set(_:for:)``.
    @inlinable
    @discardableResult
    public func update<Result>(_ key: Key, _ body: (inout Value) throws -> Result) throws -> Result {
        let access = try core.access(key)
        var value = access.value ?? makeDefault()
        let result = try body(&value)
        try core.finish(access, value, key)
        return result
    }

    /// Sets the values of many keys (Faust's `update`).
    ///
    /// - Throws: ``FaustError`` as ``set(_:for:)``; the entries before the one that failed are set.
    public func merge(_ entries: some Sequence<(Key, Value)>) throws(FaustError) {
        for (key, value) in entries { try set(value, for: key) }
    }

    /// The value of a key, which is set to the one given when there is none (Faust's `setdefault`).
    ///
    /// - Throws: ``FaustError`` as ``set(_:for:)``.
    @discardableResult
    public func setDefault(_ value: @autoclosure () -> Value, for key: Key) throws(FaustError) -> Value {
        let access = try core.access(key)
        if let present = access.value { return present }
        let value = value()
        try core.finish(access, value, key)
        return value
    }

    /// Removes an entry.
    ///
    /// - Returns: The value that it had; `nil` when there was none.
    /// - Throws: ``FaustError`` as ``set(_:for:)``.
    @discardableResult
    public func removeValue(forKey key: Key) throws(FaustError) -> Value? {
        let access = try core.access(key)
        guard let value = access.value else { return nil }
        try core.finish(access, nil, key)
        return value
    }

    /// Removes the first entry of the partition in hand (Faust's `popitem`).
    ///
    /// - Returns: The entry; `nil` when the partition has none.
    /// - Throws: ``FaustError`` as ``set(_:for:)``.
    @discardableResult
    public func popItem() throws(FaustError) -> (key: Key, value: Value)? {
        let (partition, scope) = try core.writable()
        var pages = TablePages(partition: partition, range: .all)
        while let page = try pages.next() {
            guard let first = page.first else { continue }
            let entry = (key: try core.form.decodeKey(first.key), value: try first.value(core.form))
            try partition.write(first.key, nil, in: scope)
            return entry
        }
        return nil
    }

    /// Removes all entries of the partition in hand (Faust's `clear`).
    ///
    /// - Throws: ``FaustError`` as ``set(_:for:)``.
    public func removeAll() throws(FaustError) {
        let (partition, scope) = try core.writable()
        try core.removeAll(in: .all, of: partition, scope)
    }

    /// Adds a closure that is told of each key whose value has changed.
    ///
    /// It runs as part of a commit, before the offsets are committed, on the lane of the partition: once per key, however
    /// often the key was changed since the last commit, in the order of the keys. What it sends and writes to other
    /// tables belongs to that commit; what it writes to this table is told with the next one. It is not called for what
    /// a recovery replays, nor for a key that has the same value in the end. When a commit fails or is repeated after a
    /// crash, it is called again for what has changed since the one before; under exactly-once its effects count once.
    /// When it throws, the worker stops. Reading the old value may cost a look into the store per changed key.
    ///
    /// - Parameter hook: Gets the key, the value before and the value now; the default of the table where there was or
    ///   is none.
    public func onChange(_ hook: @escaping @Sendable (Key, _ old: Value, _ new: Value) async throws -> Void) {
        let makeDefault = makeDefault
        core.onChange { key, old, new in try await hook(key, old ?? makeDefault(), new ?? makeDefault()) }
    }

    /// Adds a closure that runs whenever a partition of the table is ready on this worker, before its events come.
    ///
    /// - Parameter hook: Gets the number of the partition.
    public func onRecover(_ hook: @escaping @Sendable (Int32) async -> Void) {
        core.onRecover(hook)
    }
}
