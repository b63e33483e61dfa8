// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Which events of a partition wait for partners, by their keys: in memory, beside the table that has their values.
///
/// It costs about 150 bytes per key and 24 per event.
struct JoinIndex: Sendable {
    /// An event that waits.
    struct Slot: Sendable, Equatable {
        let time: Int64
        let offset: Int64
        var isMatched: Bool
        /// Whether it is on its way to the body without a partner.
        var isSent = false

        func precedes(_ other: (time: Int64, offset: Int64)) -> Bool {
            (time, offset) < (other.time, other.offset)
        }
    }

    private var slots: [Bytes: JoinPair<ContiguousArray<Slot>>] = [:]
    /// The number of events.
    private(set) var count = 0

    /// The events of a side and a key with times in a range, in order.
    func slots(_ side: JoinSide, _ key: Bytes, in times: ClosedRange<Int64>) -> ArraySlice<Slot> {
        guard let known = slots[key]?[side] else { return [] }
        let start = Self.place((times.lowerBound, .min), in: known)
        return ArraySlice(known[start...].prefix { $0.time <= times.upperBound })
    }

    /// An event.
    func slot(_ id: JoinKey) -> Slot? {
        guard let known = slots[id.key]?[id.side] else { return nil }
        let place = Self.place((id.time, id.offset), in: known)
        guard place < known.count, known[place].time == id.time, known[place].offset == id.offset else { return nil }
        return known[place]
    }

    /// Adds an event, or changes what is known of it.
    mutating func set(_ id: JoinKey, isMatched: Bool) {
        let slot = Slot(time: id.time, offset: id.offset, isMatched: isMatched)
        // The bytes of a message keep those of all that it was read with.
        let key = slots[id.key] == nil ? Bytes(copying: id.key) : id.key
        var isNew = false
        Self.change(&slots[key, default: JoinPair([], [])][id.side]) { known in
            let place = Self.place((id.time, id.offset), in: known)
            if place < known.count, known[place].time == id.time, known[place].offset == id.offset {
                known[place].isMatched = isMatched
            } else {
                known.insert(slot, at: place)
                isNew = true
            }
        }
        if isNew { count += 1 }
    }

    /// Notes whether an event is on its way without a partner.
    mutating func setSent(_ id: JoinKey, _ isSent: Bool) {
        guard slot(id) != nil, let place = slots.index(forKey: id.key) else { return }
        Self.change(&slots.values[place][id.side]) { known in
            known[Self.place((id.time, id.offset), in: known)].isSent = isSent
        }
    }

    /// Removes an event.
    mutating func remove(_ id: JoinKey) {
        guard slot(id) != nil, let place = slots.index(forKey: id.key) else { return }
        Self.change(&slots.values[place][id.side]) { known in
            known.remove(at: Self.place((id.time, id.offset), in: known))
        }
        count -= 1
        if slots.values[place].left.isEmpty, slots.values[place].right.isEmpty { slots.remove(at: place) }
    }

    private static func change(_ slots: inout ContiguousArray<Slot>, _ body: (inout ContiguousArray<Slot>) -> Void) {
        body(&slots)
    }

    /// The first place whose event is not before a time and offset.
    private static func place(_ wanted: (time: Int64, offset: Int64), in slots: ContiguousArray<Slot>) -> Int {
        // Most events come in order.
        if let last = slots.last, last.precedes(wanted) { return slots.count }
        var (low, high) = (0, slots.count)
        while low < high {
            let middle = (low + high) / 2
            if slots[middle].precedes(wanted) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
