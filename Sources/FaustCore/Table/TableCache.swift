// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The decoded values of a table partition that were used lately, and those that are not in its store yet.
///
/// A value that was written is dirty until a commit hands it over, and in flight until it is in the store. Such values
/// stay, whatever their number; of the others, those go that were not used since the last look (the clock algorithm).
struct TableCache<Value: Sendable>: Sendable {
    private struct Slot: Sendable {
        var key: Bytes
        /// `nil` when the key was removed.
        var value: Value?
        var isDirty = false
        var isInFlight = false
        /// Whether neither the store nor any commit has heard of the key.
        var isNew = false
        var isReferenced = true
        var isUsed = true
    }

    private var places: [Bytes: Int] = [:]
    private var slots: ContiguousArray<Slot> = []
    private var free: ContiguousArray<Int> = []
    private var dirty: ContiguousArray<Int> = []
    private var inFlight: ContiguousArray<Int> = []
    private var hand = 0
    private let limit: Int

    /// A cache that keeps about `limit` values that are in the store.
    init(limit: Int) {
        self.limit = max(limit, 1)
    }

    var count: Int { places.count }
    /// Whether there is something to be handed over.
    var isDirty: Bool { !dirty.isEmpty }
    /// How many values are to be handed over.
    var dirtyCount: Int { dirty.count }

    /// The value of a key: `nil` when it is not here, `.some(nil)` when it was removed.
    mutating func value(of key: Bytes) -> Value?? {
        guard let place = places[key] else { return nil }
        slots[place].isReferenced = true
        return .some(slots[place].value)
    }

    /// Whether the store does not know the latest of a key yet.
    func isUnsettled(_ key: Bytes) -> Bool {
        guard let place = places[key] else { return false }
        return slots[place].isDirty || slots[place].isInFlight
    }

    /// Forgets values that the store has got anew from elsewhere.
    mutating func forget(_ keys: some Sequence<Bytes>) {
        for key in keys {
            guard let place = places[key], !slots[place].isDirty, !slots[place].isInFlight else { continue }
            remove(place)
        }
    }

    /// Keeps a value that is in the store.
    mutating func keep(_ key: Bytes, _ value: Value) {
        guard places[key] == nil else { return }
        _ = add(Slot(key: key, value: value))
    }

    /// Sets a value that is not in the store yet, or removes one.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The value; `nil` removes it.
    ///   - isNew: Whether the store has no such key, which must be known for certain.
    mutating func write(_ key: Bytes, _ value: Value?, isNew: Bool = false) {
        guard let place = places[key] else {
            let place = add(Slot(key: key, value: value, isDirty: true, isNew: isNew))
            dirty.append(place)
            return
        }
        slots[place].value = value
        slots[place].isReferenced = true
        if !slots[place].isDirty {
            slots[place].isDirty = true
            dirty.append(place)
        }
    }

    /// Gives an entry that nobody has heard of another key, which has none.
    ///
    /// - Returns: Whether it was done; not so when the entry was handed over, or either key is known otherwise.
    mutating func move(_ key: Bytes, to other: Bytes) -> Bool {
        guard let place = places[key], slots[place].isNew, slots[place].value != nil, places[other] == nil else {
            return false
        }
        places[key] = nil
        places[other] = place
        slots[place].key = other
        return true
    }

    /// Calls `body` with each dirty key and value, in the order in which they became dirty; they are in flight then.
    ///
    /// When it throws, everything stays as it was.
    mutating func handOver<Failure: Error>(_ body: (Bytes, Value?) throws(Failure) -> Void) throws(Failure) {
        // What has come and gone again since the last commit is no change.
        for place in dirty where slots[place].value != nil || !slots[place].isNew {
            try body(slots[place].key, slots[place].value)
        }
        for place in dirty {
            slots[place].isDirty = false
            slots[place].isNew = false
            slots[place].isInFlight = true
        }
        inFlight.append(contentsOf: dirty)
        dirty.removeAll(keepingCapacity: true)
    }

    /// Notes that what is in flight is in the store.
    mutating func settle() {
        for place in inFlight { slots[place].isInFlight = false }
        inFlight.removeAll(keepingCapacity: true)
        while count > limit, evictOne() {}
    }

    /// Forgets everything that is not in the store.
    ///
    /// - Returns: The keys that were in flight.
    mutating func rollBack() -> [Bytes] {
        let keys = inFlight.map { slots[$0].key }
        for place in inFlight + dirty where slots[place].isUsed { remove(place) }
        inFlight.removeAll(keepingCapacity: true)
        dirty.removeAll(keepingCapacity: true)
        return keys
    }

    /// What of a range is not in the store, with `nil` for keys that were removed.
    func unsettled(in range: StoreRange) -> [(key: Bytes, value: Value?)] {
        var result: [(key: Bytes, value: Value?)] = []
        for place in inFlight where !slots[place].isDirty && range.contains(slots[place].key) {
            result.append((slots[place].key, slots[place].value))
        }
        for place in dirty where range.contains(slots[place].key) {
            result.append((slots[place].key, slots[place].value))
        }
        return result
    }

    private mutating func add(_ slot: Slot) -> Int {
        if count >= limit { _ = evictOne() }
        let place: Int
        if let reused = free.popLast() {
            place = reused
            slots[place] = slot
        } else {
            place = slots.count
            slots.append(slot)
        }
        places[slot.key] = place
        return place
    }

    private mutating func remove(_ place: Int) {
        places[slots[place].key] = nil
        slots[place] = Slot(key: .empty, value: nil, isReferenced: false, isUsed: false)
        free.append(place)
    }

    /// Drops a value that was not used lately, looking at no more than some of them.
    private mutating func evictOne() -> Bool {
        for _ in 0..<min(slots.count, 64) {
            hand = hand + 1 < slots.count ? hand + 1 : 0
            guard slots[hand].isUsed, !slots[hand].isDirty, !slots[hand].isInFlight else { continue }
            if slots[hand].isReferenced {
                slots[hand].isReferenced = false
            } else {
                remove(hand)
                return true
            }
        }
        return false
    }
}
