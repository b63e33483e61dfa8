// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Testing

@testable import FaustCore

@Suite("Table index")
struct TableIndexTests {
    /// What a random history has left in an index and in a dictionary.
    private struct Both {
        var index: TableIndex
        var places: [Bytes: Int] = [:]

        mutating func forget(_ freed: ContiguousArray<Int32>) {
            let freed = Set(freed.map { Int($0) })
            places = places.filter { !freed.contains($0.value) }
        }
    }

    private func find(_ key: Bytes, in index: inout TableIndex) -> Int {
        key.withUnsafeBytes { index.find($0, TableIndex.hash($0)) }
    }

    private func insert(_ key: Bytes, _ flags: TableIndex.Flags, into both: inout Both) {
        let hash = key.withUnsafeBytes { TableIndex.hash($0) }
        both.places[key] = both.index.insert(key, hash, flags)
    }

    @Test("keys are found where they were put, whatever came and went meanwhile", arguments: 0..<8)
    func model(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var both = Both(index: TableIndex(limit: .max / 4))
        for round in 0..<20_000 {
            let key = orderedBytes(of: Int.random(in: 0..<500, using: &random))
            let place = find(key, in: &both.index)
            #expect(place == both.places[key] ?? -1, "round \(round)")
            if place < 0 {
                insert(key, [], into: &both)
            } else if Int.random(in: 0..<3, using: &random) == 0 {
                both.index.remove(place)
                both.places[key] = nil
            }
        }
        #expect(both.index.count == both.places.count)
        #expect(both.index.placeCount <= 500)
    }

    @Test("a sweep frees what nobody uses, and never what the store does not have", arguments: 0..<8)
    func sweeping(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed) + 100)
        var both = Both(index: TableIndex(limit: 100))
        var unsettled: Set<Bytes> = []
        for round in 0..<20_000 {
            let key = orderedBytes(of: Int.random(in: 0..<2_000, using: &random))
            if round % 1_000 == 0 {
                _ = both.index.handOver()
                both.index.settle()
                unsettled = []
                if both.index.isFull { both.forget(both.index.sweep()) }
                #expect(both.index.count <= 100)
            }
            let isWritten = Int.random(in: 0..<4, using: &random) == 0
            let place = find(key, in: &both.index)
            #expect(place == both.places[key] ?? -1)
            if place >= 0 {
                if isWritten { both.index.change(place, isRemoved: false) }
            } else {
                if both.index.isFull { both.forget(both.index.sweep()) }
                insert(key, isWritten ? .dirty : [], into: &both)
            }
            if isWritten { unsettled.insert(key) }
            for key in unsettled.prefix(3) { #expect(both.places[key] != nil) }
            #expect(both.index.count <= (100 + unsettled.count) * 9 / 8 + 64)
        }
    }

    @Test("what can't go is not looked at again and again")
    func dirtOnly() {
        var both = Both(index: TableIndex(limit: 1))
        var sweeps = 0
        for number in 0..<20_000 {
            if both.index.isFull {
                sweeps += 1
                both.forget(both.index.sweep())
            }
            insert(orderedBytes(of: number), .dirty, into: &both)
        }
        #expect(both.index.count == 20_000)
        #expect(sweeps < 100)
    }

    @Test("what is used again and again stays when others go")
    func recency() {
        var both = Both(index: TableIndex(limit: 64))
        insert("hot", [], into: &both)
        for number in 0..<10_000 {
            if both.index.isFull { both.forget(both.index.sweep()) }
            insert(orderedBytes(of: number), [], into: &both)
            if number % 4 == 0 { #expect(find("hot", in: &both.index) >= 0, "after \(number) others") }
        }
    }

    @Test("keys of any length are told apart, and are handed over as they are", arguments: 0..<4)
    func lengths(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed) + 200)
        var both = Both(index: TableIndex(limit: .max / 4))
        for _ in 0..<5_000 {
            // Few different bytes, so that many keys are the beginning of others.
            let length = Int.random(in: 0...60, using: &random)
            let key = Bytes((0..<length).map { _ in UInt8.random(in: 0...1, using: &random) })
            let place = find(key, in: &both.index)
            #expect(place == both.places[key] ?? -1)
            if place < 0 {
                // A key that was cut out of something longer.
                insert(Bytes([7] + key + [7])[1..<length + 1], .dirty, into: &both)
            } else if both.index.flags(at: place).isDisjoint(with: .unsettled), Bool.random(using: &random) {
                both.index.remove(place)
                both.places[key] = nil
            }
            guard Int.random(in: 0..<100, using: &random) == 0 else { continue }
            let places = both.index.handOver()
            let keys = both.index.keys(at: places)
            #expect(keys.count == places.count)
            for (key, place) in zip(keys, places) { #expect(both.places[key] == Int(place)) }
            both.index.settle()
        }
        #expect(both.index.count == both.places.count)
    }

    @Test("a key that is given another name is found under that only", arguments: [3, 30])
    func moving(length: Int) {
        var both = Both(index: TableIndex(limit: 64))
        let old = Bytes(repeatElement(UInt8(1), count: length))
        let new = Bytes(repeatElement(UInt8(2), count: 33 - length))
        insert(old, [.dirty, .isNew], into: &both)
        let isMoved = both.index.move(old, to: new)
        #expect(isMoved)
        #expect(find(old, in: &both.index) == -1)
        #expect(find(new, in: &both.index) == both.places[old])
        #expect(both.index.unsettled(in: .all).map(\.key) == [new])
    }

    @Test("a stamp tells that a place has another key")
    func stamps() {
        var both = Both(index: TableIndex(limit: 64))
        insert("a", [], into: &both)
        let place = both.places["a"] ?? -1
        let stamp = both.index.stamp(of: place)
        #expect(both.index.has(place, stamp: stamp))
        both.index.remove(place)
        #expect(!both.index.has(place, stamp: stamp))
        insert("b", [], into: &both)
        #expect(both.places["b"] == place)
        #expect(!both.index.has(place, stamp: stamp))
        // The index of a partition that was given up and has come back.
        var next = TableIndex(limit: 64, after: both.index.lastStamp)
        let other = next.insert("c", 1, [])
        #expect(other == place)
        #expect(!next.has(place, stamp: stamp))
        #expect(!next.has(place, stamp: both.index.lastStamp))
        #expect(!next.has(-1, stamp: 0))
        #expect(!next.has(17, stamp: 0))
    }
}
