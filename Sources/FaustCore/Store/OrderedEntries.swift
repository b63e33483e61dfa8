// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Entries in the order of their keys, in stretches of a bounded length.
struct OrderedEntries: Sendable {
    private struct Stretch: Sendable {
        var keys: ContiguousArray<Bytes>
        var values: ContiguousArray<Bytes>

        /// The index of the first key that is not before `key`.
        func lowerBound(_ key: Bytes) -> Int {
            var (low, high) = (0, keys.count)
            while low < high {
                let middle = (low + high) / 2
                if keys[middle].precedes(key) { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    /// Never empty stretches, in order.
    private var stretches: ContiguousArray<Stretch> = []
    private(set) var count = 0
    private(set) var byteCount = 0
    private static let limit = 256

    /// The index of the only stretch that may hold a key; the last one for keys behind all.
    private func stretch(for key: Bytes) -> Int {
        var (low, high) = (0, stretches.count)
        // Looks for the last stretch whose first key is not behind `key`.
        while low < high {
            let middle = (low + high) / 2
            if key.precedes(stretches[middle].keys[0]) { high = middle } else { low = middle + 1 }
        }
        return max(low - 1, 0)
    }

    func value(of key: Bytes) -> Bytes? {
        guard !stretches.isEmpty else { return nil }
        let stretch = stretches[stretch(for: key)]
        let index = stretch.lowerBound(key)
        guard index < stretch.keys.count, stretch.keys[index] == key else { return nil }
        return stretch.values[index]
    }

    /// Sets the value of a key; slices of larger buffers are copied, since they would keep these alive.
    mutating func put(_ key: Bytes, _ value: Bytes) {
        let value = value.owned
        guard !stretches.isEmpty else {
            stretches.append(Stretch(keys: [key.owned], values: [value]))
            count = 1
            byteCount = key.count + value.count
            return
        }
        let place = stretch(for: key)
        let index = stretches[place].lowerBound(key)
        if index < stretches[place].keys.count, stretches[place].keys[index] == key {
            byteCount += value.count - stretches[place].values[index].count
            stretches[place].values[index] = value
            return
        }
        stretches[place].keys.insert(key.owned, at: index)
        stretches[place].values.insert(value, at: index)
        count += 1
        byteCount += key.count + value.count
        if stretches[place].keys.count > Self.limit { split(place, at: index) }
    }

    /// Splits a stretch that is too long; where keys come in ascending order, the first part stays full.
    private mutating func split(_ place: Int, at index: Int) {
        let length = stretches[place].keys.count
        let isAscending = place == stretches.count - 1 && index == length - 1
        let cut = isAscending ? length - 1 : length / 2
        let tail = Stretch(
            keys: ContiguousArray(stretches[place].keys[cut...]),
            values: ContiguousArray(stretches[place].values[cut...])
        )
        stretches[place].keys.removeSubrange(cut...)
        stretches[place].values.removeSubrange(cut...)
        stretches.insert(tail, at: place + 1)
    }

    mutating func remove(_ key: Bytes) {
        guard !stretches.isEmpty else { return }
        let place = stretch(for: key)
        let index = stretches[place].lowerBound(key)
        guard index < stretches[place].keys.count, stretches[place].keys[index] == key else { return }
        remove(index..<index + 1, of: place)
        if stretches[place].keys.isEmpty { stretches.remove(at: place) }
    }

    mutating func remove(in range: StoreRange) {
        guard !stretches.isEmpty, !range.isEmpty else { return }
        let first = stretch(for: range.lowerBound)
        var last = first
        while last < stretches.count {
            let start = stretches[last].lowerBound(range.lowerBound)
            let end = range.upperBound.map(stretches[last].lowerBound) ?? stretches[last].keys.count
            let isAtEnd = end < stretches[last].keys.count
            if start < end { remove(start..<end, of: last) }
            if isAtEnd { break }
            last += 1
        }
        let touched = first..<min(last + 1, stretches.count)
        let kept = stretches[touched].filter { !$0.keys.isEmpty }
        stretches.replaceSubrange(touched, with: kept)
    }

    private mutating func remove(_ range: Range<Int>, of place: Int) {
        for index in range {
            byteCount -= stretches[place].keys[index].count + stretches[place].values[index].count
        }
        count -= range.count
        stretches[place].keys.removeSubrange(range)
        stretches[place].values.removeSubrange(range)
    }

    func entries(in range: StoreRange, limit: Int) -> [StoreEntry] {
        guard !stretches.isEmpty, !range.isEmpty, limit > 0 else { return [] }
        var result: [StoreEntry] = []
        var place = stretch(for: range.lowerBound)
        var index = stretches[place].lowerBound(range.lowerBound)
        while place < stretches.count, result.count < limit {
            guard index < stretches[place].keys.count else {
                (place, index) = (place + 1, 0)
                continue
            }
            let key = stretches[place].keys[index]
            if let upperBound = range.upperBound, !key.precedes(upperBound) { break }
            result.append(StoreEntry(key: key, value: stretches[place].values[index]))
            index += 1
        }
        return result
    }
}
