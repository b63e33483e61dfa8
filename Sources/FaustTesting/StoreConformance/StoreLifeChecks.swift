// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// Opening, closing, bulk loading and destroying stores.
enum StoreLifeChecks {
    static let all: [StoreConformance.Definition] = [
        .init(name: "stores of different names have nothing in common", body: keepsStoresApart),
        .init(name: "a closed store throws", body: throwsWhenClosed),
        .init(name: "closing twice is closing once", body: closesTwice),
        .init(name: "what is loaded in bulk is there", body: loadsInBulk),
        .init(name: "a store that was destroyed is empty when it is opened again", body: destroys),
        .init(
            name: "entries and position are there when the store is opened again",
            needsDurability: true,
            body: keepsEntries
        ),
        .init(
            name: "changes after a bulk load are there when the store is opened again",
            needsDurability: true,
            body: keepsEntriesAfterBulkLoad
        ),
    ]

    static func keepsStoresApart(_ rig: StoreRig) throws {
        let (first, second) = (try rig.open("-1"), try rig.open("-2"))
        try first.change { batch in
            batch.put("a", "1")
            batch.position = StorePosition(next: 1)
        }
        try rig.expectEqual(second.value(of: "a"), nil, "the value in the other store")
        try rig.expectEqual(second.position(), nil, "the position of the other store")
    }

    static func throwsWhenClosed(_ rig: StoreRig) throws {
        let store = try rig.open()
        try store.change { $0.put("a", "1") }
        store.close()
        try rig.expectClosed("value(of:)") { _ = try store.value(of: "a") }
        try rig.expectClosed("apply") { try store.change { $0.put("a", "1") } }
        try rig.expectClosed("entries") { _ = try store.entries(in: .all, limit: 1) }
        try rig.expectClosed("position") { _ = try store.position() }
        try rig.expectClosed("estimatedCount") { _ = try store.estimatedCount() }
        _ = store.statistics()
    }

    static func closesTwice(_ rig: StoreRig) throws {
        let store = try rig.open()
        store.close()
        store.close()
        try store.destroy()
    }

    static func loadsInBulk(_ rig: StoreRig) throws {
        let store = try rig.open()
        try store.change { $0.put("before", "1") }
        try load(store)
        try store.change { $0.put("after", "1") }
        try rig.expectEqual(store.entries(in: .all, limit: .max).count, 5_002, "the number of entries")
        try rig.expectEqual(store.position()?.next, 5_000, "the position")
        try rig.expectEqual(store.value(of: StoreRangeChecks.key(4_321)), "4321", "a value that was loaded")
    }

    static func destroys(_ rig: StoreRig) throws {
        let store = try rig.open()
        try store.change { batch in
            batch.put("a", "1")
            batch.position = StorePosition(next: 1)
        }
        try store.destroy()
        let fresh = try rig.open()
        try rig.expectEqual(fresh.value(of: "a"), nil, "the value")
        try rig.expectEqual(fresh.position(), nil, "the position")
    }

    static func keepsEntries(_ rig: StoreRig) throws {
        let store = try rig.open()
        let position = StorePosition(next: 9, last: .init(offset: 8, timestampMilliseconds: -1))
        try store.change { batch in
            batch.put("a", "1")
            batch.put("b", "2")
            batch.delete("a")
            batch.position = position
        }
        store.close()
        let again = try rig.open()
        try rig.expectEqual(again.allTexts(), ["b=2"], "the entries")
        try rig.expectEqual(again.position(), position, "the position")
    }

    static func keepsEntriesAfterBulkLoad(_ rig: StoreRig) throws {
        let store = try rig.open()
        try load(store)
        try store.change { batch in
            batch.put("after", "1")
            batch.position = StorePosition(next: 5_001)
        }
        store.close()
        let again = try rig.open()
        try rig.expectEqual(again.entries(in: .all, limit: .max).count, 5_001, "the number of entries")
        try rig.expectEqual(again.position()?.next, 5_001, "the position")
    }

    private static func load(_ store: any Store) throws {
        try store.setBulkLoading(true)
        for start in stride(from: 0, to: 5_000, by: 500) {
            try store.change { batch in
                for number in start..<start + 500 { batch.put(StoreRangeChecks.key(number), Bytes("\(number)")) }
                batch.position = StorePosition(next: Int64(start + 500))
            }
        }
        try store.setBulkLoading(false)
    }
}
