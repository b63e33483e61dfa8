// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Calls a closure with the bytes that stores have of a string or an integer.
///
/// - Parameters:
///   - key: The key; of other types, the closure is not called.
///   - body: Gets the bytes, which must not escape; is called at most once.
@inlinable
func withPlainBytes<Key>(of key: Key, _ body: (UnsafeRawBufferPointer) -> Void) {
    if let text = key as? String {
        _ = text.utf8.withContiguousStorageIfAvailable { body(UnsafeRawBufferPointer($0)) }
    } else if let number = key as? Int {
        // The order of the bytes is that of the numbers, see `orderedBytes(of:)`.
        withUnsafeBytes(of: (number ^ .min).bigEndian) { body($0) }
    }
}

/// An entry on its way to be changed.
@usableFromInline
struct TableAccess<Key: Sendable, Value: Sendable>: Sendable {
    @usableFromInline let partition: TablePartition<Key, Value>
    @usableFromInline let scope: EventScope
    /// Where the entry is at hand.
    @usableFromInline var place = TablePlace()
    /// The key as the store has it, if it was needed.
    @usableFromInline var key: Bytes?
    /// Whether there is an entry already.
    @usableFromInline var isPresent = false
    @usableFromInline var value: Value?

    @inlinable
    init(partition: TablePartition<Key, Value>, scope: EventScope) {
        self.partition = partition
        self.scope = scope
    }
}

extension TableCore {
    // MARK: The way of an entry that is at hand

    /// The value of a key, where the code that asks can see it.
    @inlinable
    func value(for key: Key) throws(FaustError) -> Value? {
        if hasPlainKeys, let spot = life.spot() {
            var (place, value) = (TablePlace(), Value?.none)
            if look(key, in: partition(spot), &place, &value), value != nil || !isGlobal { return value }
        }
        return try search(key)
    }

    /// Finds the partition that a write belongs to, and the value there.
    @inlinable
    func access(_ key: Key) throws(FaustError) -> TableAccess<Key, Value> {
        if hasPlainKeys, let spot = life.spot() {
            var access = TableAccess(partition: partition(spot), scope: spot.scope)
            if look(key, in: access.partition, &access.place, &access.value) {
                access.isPresent = access.value != nil
                return access
            }
        }
        return try searchAccess(key)
    }

    /// Writes a value in the place of the one that was found; `nil` and null remove the entry.
    @inlinable
    func finish(_ access: TableAccess<Key, Value>, _ value: Value?, _ key: Key) throws(FaustError) {
        var value = value
        if let isNull, let present = value, isNull(present) { value = nil }
        if value == nil, !access.isPresent { return }
        if access.partition.isPlain, try access.partition.write(value, at: access.place, in: access.scope) { return }
        try write(value, access, key)
    }

    @inlinable
    func partition(_ spot: TableLife.Spot) -> TablePartition<Key, Value> {
        // Nothing but the table's own partitions is ever given to `life`, see `setLive(_:)`.
        unsafeDowncast(spot.partitions, to: TablePartitions<Key, Value>.self).all[spot.number]
    }

    /// Looks for an entry that is at hand, without encoding its key, which ``hasPlainKeys``.
    @inlinable
    func look(
        _ key: Key,
        in partition: TablePartition<Key, Value>,
        _ place: inout TablePlace,
        _ value: inout Value?
    ) -> Bool {
        var isHere = false
        withPlainBytes(of: key) { isHere = partition.look($0, &place, &value) }
        return isHere
    }

    // MARK: The way of every entry

    @usableFromInline
    func search(_ key: Key) throws(FaustError) -> Value? {
        let bytes = try form.encode(key)
        return try find(key) { partition throws(FaustError) in try partition.value(of: bytes) }
    }

    @usableFromInline
    func searchAccess(_ key: Key) throws(FaustError) -> TableAccess<Key, Value> {
        let (partition, scope) = try partition(for: key)
        let bytes = try form.encode(key)
        var access = TableAccess(partition: partition, scope: scope)
        access.value = try partition.value(of: bytes, at: &access.place)
        access.isPresent = access.value != nil
        access.key = bytes
        return access
    }

    @usableFromInline
    func write(_ value: Value?, _ access: TableAccess<Key, Value>, _ key: Key) throws(FaustError) {
        var bytes = access.key
        if bytes == nil { bytes = try form.encode(key) }
        if let bytes { try access.partition.write(bytes, value, in: access.scope) }
    }
}
