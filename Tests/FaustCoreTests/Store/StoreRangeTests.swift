// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Testing

@Suite("Store range")
struct StoreRangeTests {
    @Test("the successor is the very next key")
    func successor() {
        let key: Bytes = [1, 0xFF]
        #expect(key.successor == [1, 0xFF, 0])
        #expect(key.precedes(key.successor))
        #expect(!key.precedes(key))
    }

    @Test("the end of a prefix skips bytes that can't be raised")
    func prefixEnd() {
        #expect(Bytes([1, 2]).successorOfPrefix == [1, 3])
        #expect(Bytes([1, 0xFF, 0xFF]).successorOfPrefix == [2])
        #expect(Bytes([0xFF, 0xFF]).successorOfPrefix == nil)
        #expect(Bytes.empty.successorOfPrefix == nil)
    }

    @Test("bytes are compared as unsigned numbers, a prefix first")
    func order() {
        let ordered: [Bytes] = [[], [0], [0, 0], [1], [0x7F, 0xFF], [0x80], [0xFF]]
        for (index, left) in ordered.enumerated() {
            for (other, right) in ordered.enumerated() { #expect(left.precedes(right) == (index < other)) }
        }
    }

    @Test("a range knows what it contains")
    func contains() {
        let range = StoreRange(from: "b", before: "d")
        #expect(["a", "b", "c", "d"].map { range.contains(Bytes($0)) } == [false, true, true, false])
        #expect(range.after("b").contains("b") == false)
        #expect(range.after("b").contains("b\0"))
        #expect(StoreRange(from: "b", before: "b").isEmpty)
        #expect(!StoreRange.all.isEmpty)
    }
}
