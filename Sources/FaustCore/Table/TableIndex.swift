// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation

/// Which entries a table partition has at hand and what is to be done with them.
///
/// The decoded values lie in a ``TableValues``, by the places that the index gives out: so that this part, which is asked
/// for every event, is compiled once, whatever the types. It is a hash table with open addressing whose buckets hold 32
/// bits of the hash and the place.
///
/// An entry that was written is dirty until a commit hands it over, and in flight until it is in the store. Such entries
/// stay, whatever their number; of the others, those go that were not used lately (the clock algorithm), many at a time.
struct TableIndex: Sendable {
    /// What is known of an entry besides its value.
    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8
        /// The store does not know the value, and no commit has handed it over.
        static let dirty = Flags(rawValue: 1)
        /// A commit has handed the value over that is not in the store yet.
        static let inFlight = Flags(rawValue: 2)
        /// Neither the store nor any commit has heard of the key.
        static let isNew = Flags(rawValue: 4)
        /// It was used since the clock's hand came by.
        static let referenced = Flags(rawValue: 8)
        /// There is no value: the key was removed.
        static let removed = Flags(rawValue: 16)
        /// The place is taken.
        static let used = Flags(rawValue: 32)

        static let unsettled: Flags = [.dirty, .inFlight]
    }

    private struct Slot: Sendable {
        var key: IndexedKey
        var hash: UInt32
        /// Changes whenever the place gets another key.
        var stamp: UInt32
        var flags: Flags
    }

    /// The upper half is the hash, the lower one the place plus one, 0 where there is nothing; as many as a power of two.
    private var buckets: ContiguousArray<UInt64>
    private var slots: ContiguousArray<Slot> = []
    private var longKeys = LongKeys()
    private var free: ContiguousArray<Int32> = []
    private(set) var dirty: ContiguousArray<Int32> = []
    private(set) var inFlight: ContiguousArray<Int32> = []
    private var hand = 0
    /// The stamp that was given out last.
    private(set) var lastStamp: UInt32
    private let limit: Int
    /// How many places are looked at at once.
    private static let sweepLength = 16_384
    /// The number of entries from which on some are to go.
    private var sweepCount: Int

    /// An index that keeps about `limit` entries that are in the store.
    ///
    /// - Parameters:
    ///   - limit: The number of entries.
    ///   - stamp: The last stamp of the index before, so that none comes again.
    init(limit: Int, after stamp: UInt32 = 0) {
        self.limit = max(limit, 1)
        sweepCount = self.limit
        lastStamp = stamp
        buckets = ContiguousArray(repeating: 0, count: 16)
    }

    /// How many entries there are.
    var count: Int { slots.count - free.count }
    /// How many places there are, taken or not.
    var placeCount: Int { slots.count }
    /// Whether there are so many entries that some should go.
    var isFull: Bool { count >= sweepCount }

    // MARK: Looking

    /// The hash of a key.
    static func hash(_ key: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(truncatingIfNeeded: KeyHash.hash(key))
    }

    /// Looks for a key, and marks it as used.
    ///
    /// - Returns: Its place; -1 when it is not here.
    mutating func find(_ key: UnsafeRawBufferPointer, _ hash: UInt32) -> Int {
        let place = place(of: key, hash)
        if place >= 0 { slots[place].flags.insert(.referenced) }
        return place
    }

    func place(of key: Bytes) -> Int {
        key.withUnsafeBytes { place(of: $0, Self.hash($0)) }
    }

    private func place(of key: UnsafeRawBufferPointer, _ hash: UInt32) -> Int {
        let mask = buckets.count &- 1
        var bucket = Int(hash) & mask
        while true {
            let entry = buckets[bucket]
            if entry == 0 { return -1 }
            if UInt32(truncatingIfNeeded: entry &>> 32) == hash {
                let place = Int(truncatingIfNeeded: entry & 0xFFFF_FFFF) &- 1
                if slots[place].key.isEqual(to: key, longKeys) { return place }
            }
            bucket = (bucket &+ 1) & mask
        }
    }

    /// What a place has for as long as it has the same key.
    func stamp(of place: Int) -> UInt32 { slots[place].stamp }

    /// Whether a place still has the key that it had when it had a stamp.
    func has(_ place: Int, stamp: UInt32) -> Bool {
        place >= 0 && place < slots.count && slots[place].stamp == stamp && slots[place].flags.contains(.used)
    }

    /// The keys of some places; the short ones share one buffer.
    func keys(at places: ContiguousArray<Int32>) -> [Bytes] {
        let total = places.reduce(0) { $0 + slots[Int($1)].key.inlineCount }
        let storage = ByteStorage(count: total) { buffer in
            var end = 0
            for place in places { end += slots[Int(place)].key.copy(to: buffer, at: end) }
            return end
        }
        var end = 0
        return places.map { place in
            let key = slots[Int(place)].key
            defer { end += key.inlineCount }
            return longKeys[key] ?? Bytes(storage: storage, start: end, count: key.count)
        }
    }

    func flags(at place: Int) -> Flags { slots[place].flags }

    // MARK: Changing

    /// Takes a place for a key that is not here; it counts as used when it is found again.
    mutating func insert(_ key: Bytes, _ hash: UInt32, _ flags: Flags) -> Int {
        if 4 * (count + 1) > 3 * buckets.count { grow() }
        lastStamp &+= 1
        let slot = Slot(key: longKeys.insert(key), hash: hash, stamp: lastStamp, flags: flags.union(.used))
        let place: Int
        if let reused = free.popLast() {
            place = Int(reused)
            slots[place] = slot
        } else {
            place = slots.count
            slots.append(slot)
        }
        enter(place, hash)
        if flags.contains(.dirty) { dirty.append(Int32(truncatingIfNeeded: place)) }
        return place
    }

    /// Notes that the value of a place was changed, or removed.
    mutating func change(_ place: Int, isRemoved: Bool) {
        var flags = slots[place].flags
        if !flags.contains(.dirty) { dirty.append(Int32(truncatingIfNeeded: place)) }
        flags.formUnion([.dirty, .referenced])
        if isRemoved { flags.insert(.removed) } else { flags.remove(.removed) }
        slots[place].flags = flags
    }

    /// Gives an entry that nobody has heard of another key, which has none.
    ///
    /// - Returns: Whether it was done; not so when the entry was handed over, or either key is known otherwise.
    mutating func move(_ key: Bytes, to other: Bytes) -> Bool {
        let place = place(of: key)
        guard place >= 0, slots[place].flags.isSuperset(of: [.isNew]), !slots[place].flags.contains(.removed) else {
            return false
        }
        guard self.place(of: other) < 0 else { return false }
        leave(place)
        let hash = other.withUnsafeBytes { Self.hash($0) }
        longKeys.remove(slots[place].key)
        slots[place].key = longKeys.insert(other)
        slots[place].hash = hash
        lastStamp &+= 1
        slots[place].stamp = lastStamp
        enter(place, hash)
        return true
    }

    /// Frees a place.
    mutating func remove(_ place: Int) {
        leave(place)
        longKeys.remove(slots[place].key)
        slots[place].flags = []
        free.append(Int32(truncatingIfNeeded: place))
    }

    /// Frees places that were not used lately, many at a time, so that this is seldom called for.
    ///
    /// - Returns: The places, whose values are to go, too.
    mutating func sweep() -> ContiguousArray<Int32> {
        var freed: ContiguousArray<Int32> = []
        let target = limit - limit / 8
        // Once around takes the marks off, twice around frees what nobody has used meanwhile; but nobody is kept waiting.
        var steps = min(2 * slots.count, Self.sweepLength)
        while steps > 0, count > target {
            steps -= 1
            hand = hand + 1 < slots.count ? hand + 1 : 0
            let flags = slots[hand].flags
            guard flags.contains(.used), flags.isDisjoint(with: .unsettled) else { continue }
            if flags.contains(.referenced) {
                slots[hand].flags.remove(.referenced)
            } else {
                remove(hand)
                freed.append(Int32(truncatingIfNeeded: hand))
            }
        }
        // Where much is left to do, soon more; where nothing can go yet, not before some more have come.
        let pause = freed.isEmpty ? max(count / 8, 1) : 64
        sweepCount = count <= target ? limit : max(limit, count + pause)
        return freed
    }

    // MARK: Commits

    /// Makes what is dirty be in flight.
    ///
    /// - Returns: The places that were dirty and are news to store and changelog, in the order of their changes.
    mutating func handOver() -> ContiguousArray<Int32> {
        var news: ContiguousArray<Int32> = []
        news.reserveCapacity(dirty.count)
        for place in dirty {
            let flags = slots[Int(place)].flags
            // What has come and gone again since the last commit is no change.
            if !flags.isSuperset(of: [.isNew, .removed]) { news.append(place) }
            slots[Int(place)].flags = flags.subtracting([.dirty, .isNew]).union(.inFlight)
        }
        if inFlight.isEmpty { swap(&inFlight, &dirty) } else { inFlight.append(contentsOf: dirty) }
        dirty.removeAll(keepingCapacity: true)
        return news
    }

    /// Makes what is in flight be dirty again: it could not be handed over.
    mutating func takeBack() {
        for place in inFlight where slots[Int(place)].flags.contains(.inFlight) {
            slots[Int(place)].flags.remove(.inFlight)
            if !slots[Int(place)].flags.contains(.dirty) {
                slots[Int(place)].flags.insert(.dirty)
                dirty.append(place)
            }
        }
        inFlight.removeAll(keepingCapacity: true)
    }

    /// Notes that what is in flight is in the store.
    mutating func settle() {
        for place in inFlight { slots[Int(place)].flags.remove(.inFlight) }
        inFlight.removeAll(keepingCapacity: true)
        sweepCount = limit
    }

    /// Forgets everything that is not in the store.
    ///
    /// - Returns: The keys that were in flight, and the places, whose values are to go, too.
    mutating func rollBack() -> (keys: [Bytes], freed: ContiguousArray<Int32>) {
        let keys = keys(at: inFlight)
        var freed: ContiguousArray<Int32> = []
        for place in inFlight + dirty where slots[Int(place)].flags.contains(.used) {
            remove(Int(place))
            freed.append(place)
        }
        inFlight.removeAll(keepingCapacity: true)
        dirty.removeAll(keepingCapacity: true)
        return (keys, freed)
    }

    /// The keys of a range that the store does not have the latest of, and their places.
    func unsettled(in range: StoreRange) -> [(key: Bytes, place: Int)] {
        let places = ContiguousArray(inFlight.filter { !slots[Int($0)].flags.contains(.dirty) }) + dirty
        return zip(keys(at: places), places).filter { range.contains($0.0) }.map { ($0.0, Int($0.1)) }
    }

    // MARK: Buckets

    private mutating func enter(_ place: Int, _ hash: UInt32) {
        let mask = buckets.count &- 1
        var bucket = Int(hash) & mask
        while buckets[bucket] != 0 { bucket = (bucket &+ 1) & mask }
        buckets[bucket] = UInt64(hash) &<< 32 | UInt64(place &+ 1)
    }

    /// Takes a place out of its bucket, and moves those up that stand behind it, so that none is cut off from its own.
    private mutating func leave(_ place: Int) {
        let mask = buckets.count &- 1
        var gap = Int(slots[place].hash) & mask
        while buckets[gap] & 0xFFFF_FFFF != UInt64(place &+ 1) { gap = (gap &+ 1) & mask }
        var next = (gap &+ 1) & mask
        while buckets[next] != 0 {
            let home = Int(truncatingIfNeeded: buckets[next] &>> 32) & mask
            // It may move up if its own bucket does not lie behind the gap.
            if (next &- home) & mask >= (next &- gap) & mask {
                buckets[gap] = buckets[next]
                gap = next
            }
            next = (next &+ 1) & mask
        }
        buckets[gap] = 0
    }

    private mutating func grow() {
        buckets = ContiguousArray(repeating: 0, count: 2 * buckets.count)
        for place in slots.indices where slots[place].flags.contains(.used) { enter(place, slots[place].hash) }
    }
}
