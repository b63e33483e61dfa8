// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// Setting, reading and removing single entries.
enum StoreEntryChecks {
    static let all: [StoreConformance.Definition] = [
        .init(name: "a new store is empty and has no position", body: isEmptyAtFirst),
        .init(name: "a value that was put is found", body: findsWhatWasPut),
        .init(name: "a value that is put again is replaced", body: replaces),
        .init(name: "a key that was deleted is gone", body: deletes),
        .init(name: "the changes of a batch are made in their order", body: keepsOrder),
        .init(name: "keys and values are any bytes", body: takesAnyBytes),
        .init(name: "large values are kept whole", body: keepsLargeValues),
        .init(name: "the position is set together with the entries", body: setsPosition),
        .init(name: "a store keeps nothing of the memory that it was given", body: ownsItsBytes),
    ]

    static func isEmptyAtFirst(_ rig: StoreRig) throws {
        let store = try rig.open()
        try rig.expectEqual(store.position(), nil, "the position")
        try rig.expectEqual(store.value(of: "a"), nil, "the value of a missing key")
        try rig.expectEqual(store.allTexts(), [], "the entries")
        try rig.expectEqual(store.estimatedCount(), 0, "the count")
    }

    static func findsWhatWasPut(_ rig: StoreRig) throws {
        let store = try rig.open()
        try store.change { batch in
            batch.put("a", "1")
            batch.put("b", "")
        }
        try rig.expectEqual(store.value(of: "a"), "1", "the value of a")
        try rig.expectEqual(store.value(of: "b"), .empty, "the empty value of b")
        try rig.expectEqual(store.value(of: "c"), nil, "the value of c")
    }

    static func replaces(_ rig: StoreRig) throws {
        let store = try rig.open()
        for number in 0..<100 { try store.change { $0.put("a", Bytes("\(number)")) } }
        try rig.expectEqual(store.allTexts(), ["a=99"], "the entries")
    }

    static func deletes(_ rig: StoreRig) throws {
        let store = try rig.open()
        try store.change { $0.put("a", "1") }
        try store.change { $0.delete("a") }
        try store.change { $0.delete("never") }
        try rig.expectEqual(store.value(of: "a"), nil, "the value of a")
        try rig.expectEqual(store.allTexts(), [], "the entries")
    }

    static func keepsOrder(_ rig: StoreRig) throws {
        let store = try rig.open()
        try store.change { batch in
            batch.put("a", "1")
            batch.put("a", "2")
            batch.put("b", "1")
            batch.delete("b")
            batch.put("c", "1")
            batch.deleteRange(StoreRange(prefix: "c"))
            batch.put("c", "2")
            batch.put("d", "1")
            batch.deleteRange(StoreRange(from: "d", before: "e"))
        }
        try rig.expectEqual(store.allTexts(), ["a=2", "c=2"], "the entries")
    }

    static func takesAnyBytes(_ rig: StoreRig) throws {
        let store = try rig.open()
        let keys: [Bytes] = [[], [0], [0, 0], [0, 1], [1], [0x7F], [0x80], [0xFF], [0xFF, 0], [0xFF, 0xFF]]
        try store.change { batch in
            for key in keys.reversed() { batch.put(key, key) }
        }
        for key in keys { try rig.expectEqual(store.value(of: key), key, "the value of \(Array(key))") }
        try rig.expectEqual(store.entries(in: .all, limit: .max).map(\.key), keys, "the keys in order")
    }

    static func keepsLargeValues(_ rig: StoreRig) throws {
        let store = try rig.open()
        let large = Bytes([UInt8](repeating: 7, count: 3_000_000))
        let longKey = Bytes([UInt8](repeating: 1, count: 20_000))
        try store.change { $0.put(longKey, large) }
        try rig.expect(try store.value(of: longKey) == large, "the large value has changed")
    }

    static func setsPosition(_ rig: StoreRig) throws {
        let store = try rig.open()
        let first = StorePosition(next: 5, last: .init(offset: 3, timestampMilliseconds: 1_700_000_000_123))
        try store.change { batch in
            batch.put("a", "1")
            batch.position = first
        }
        try rig.expectEqual(store.position(), first, "the position")
        try store.change { $0.put("b", "2") }
        try rig.expectEqual(store.position(), first, "the position after a batch without one")
        try store.change { $0.position = StorePosition(next: Int64.max) }
        try rig.expectEqual(store.position(), StorePosition(next: .max), "the position without a mark")
        try rig.expectEqual(store.allTexts(), ["a=1", "b=2"], "the entries")
    }

    static func ownsItsBytes(_ rig: StoreRig) throws {
        let store = try rig.open()
        weak var storage: ByteStorage?
        try {
            let shared = Bytes("key and value")
            storage = shared.storage
            try store.change { $0.put(shared[0..<3], shared[8..<13]) }
        }()
        try rig.expect(storage == nil, "the store keeps the whole buffer of a slice alive")
        try rig.expectEqual(store.allTexts(), ["key=value"], "the entries")
    }
}
