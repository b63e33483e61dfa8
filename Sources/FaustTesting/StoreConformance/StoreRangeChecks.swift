// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// Going through entries in order, and removing ranges.
enum StoreRangeChecks {
    static let all: [StoreConformance.Definition] = [
        .init(name: "entries come in the order of their keys' bytes", body: isOrdered),
        .init(name: "a range has its start and not its end", body: isHalfOpen),
        .init(name: "a prefix finds exactly the keys that start with it", body: findsPrefixes),
        .init(name: "entries can be gone through in pages", body: pages),
        .init(name: "a range that was deleted is gone and nothing else", body: deletesRanges),
        .init(name: "random changes leave what they leave in a model", body: followsModel),
        .init(name: "the count is about right", body: counts),
    ]

    static func isOrdered(_ rig: StoreRig) throws {
        let store = try rig.open()
        let words = ["b", "a", "aa", "ab", "B", "\u{e9}", "", "a!"]
        try store.change { batch in
            for word in words { batch.put(Bytes(word), "1") }
        }
        let keys = try store.entries(in: .all, limit: .max).map { String($0.key) }
        try rig.expectEqual(keys, ["", "B", "a", "a!", "aa", "ab", "b", "\u{e9}"], "the keys")
    }

    static func isHalfOpen(_ rig: StoreRig) throws {
        let store = try rig.open()
        try fill(store, 0..<10)
        let range = StoreRange(from: key(3), before: key(6))
        try rig.expectEqual(store.allTexts(in: range), ["0003=3", "0004=4", "0005=5"], "the range")
        let empty = StoreRange(from: key(6), before: key(3))
        try rig.expectEqual(store.allTexts(in: empty), [], "a range whose end is before its start")
        try rig.expectEqual(store.allTexts(in: StoreRange(from: key(8))), ["0008=8", "0009=9"], "an open range")
    }

    static func findsPrefixes(_ rig: StoreRig) throws {
        let store = try rig.open()
        let keys: [Bytes] = [[1], [1, 0], [1, 0xFF], [1, 0xFF, 0xFF], [2], [0xFF], [0xFF, 0xFF]]
        try store.change { batch in
            for key in keys { batch.put(key, "x") }
        }
        let ones = try store.entries(in: StoreRange(prefix: [1]), limit: .max).map(\.key)
        try rig.expectEqual(ones, Array(keys[0..<4]), "the keys after 1")
        let deep = try store.entries(in: StoreRange(prefix: [1, 0xFF]), limit: .max).map(\.key)
        try rig.expectEqual(deep, Array(keys[2..<4]), "the keys after 1, 255")
        let last = try store.entries(in: StoreRange(prefix: [0xFF]), limit: .max).map(\.key)
        try rig.expectEqual(last, Array(keys[5...]), "the keys after 255")
        try rig.expectEqual(store.entries(in: StoreRange(prefix: .empty), limit: .max).count, 7, "all keys")
    }

    static func pages(_ rig: StoreRig) throws {
        let store = try rig.open()
        try fill(store, 0..<1_000)
        var (range, found) = (StoreRange.all, [Bytes]())
        while true {
            let page = try store.entries(in: range, limit: 7)
            found += page.map(\.key)
            guard page.count == 7, let last = page.last else { break }
            range = range.after(last.key)
        }
        try rig.expectEqual(found, (0..<1_000).map(key), "the keys of all pages")
        try rig.expectEqual(store.entries(in: .all, limit: 0).count, 0, "a page of nothing")
    }

    static func deletesRanges(_ rig: StoreRig) throws {
        let store = try rig.open()
        try fill(store, 0..<2_000)
        try store.change { $0.deleteRange(StoreRange(from: key(10), before: key(1_990))) }
        let rest = try store.entries(in: .all, limit: .max).map(\.key)
        try rig.expectEqual(rest, (Array(0..<10) + Array(1_990..<2_000)).map(key), "the keys that are left")
        try store.change { $0.deleteRange(.all) }
        try rig.expectEqual(store.allTexts(), [], "the entries after all were deleted")
    }

    static func followsModel(_ rig: StoreRig) throws {
        let store = try rig.open()
        var model: [Int: Int] = [:]
        var random = SplitMix(state: 4)
        for round in 0..<400 {
            var batch = StoreBatch()
            for _ in 0..<random.next(below: 40) {
                let number = random.next(below: 700)
                switch random.next(below: 20) {
                case 0:
                    let end = number + random.next(below: 60)
                    batch.deleteRange(StoreRange(from: key(number), before: key(end)))
                    model = model.filter { !(number..<end).contains($0.key) }
                case 1..<6:
                    batch.delete(key(number))
                    model[number] = nil
                default:
                    batch.put(key(number), Bytes("\(round)"))
                    model[number] = round
                }
            }
            try store.apply(batch)
            let start = random.next(below: 700)
            let range = StoreRange(from: key(start), before: key(start + 50))
            let expected = model.filter { (start..<start + 50).contains($0.key) }.sorted { $0.key < $1.key }
            try rig.expectEqual(store.allTexts(in: range), expected.map { "\(key($0))=\($1)" }, "round \(round)")
        }
        let expected = model.sorted { $0.key < $1.key }.map { "\(key($0))=\($1)" }
        try rig.expectEqual(store.allTexts(), expected, "the entries at the end")
    }

    static func counts(_ rig: StoreRig) throws {
        let store = try rig.open()
        try fill(store, 0..<1_000)
        let count = try store.estimatedCount()
        try rig.expect((900...1_100).contains(count), "1000 entries are estimated as \(count)")
    }

    static func fill(_ store: any Store, _ numbers: Range<Int>) throws {
        try store.change { batch in
            for number in numbers { batch.put(key(number), Bytes("\(number)")) }
        }
    }

    /// A key whose order is that of the numbers.
    static func key(_ number: Int) -> Bytes {
        let digits = String(number)
        return Bytes(String(repeating: "0", count: max(4 - digits.count, 0)) + digits)
    }
}

/// A generator whose numbers depend on its seed alone (SplitMix64).
private struct SplitMix {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
