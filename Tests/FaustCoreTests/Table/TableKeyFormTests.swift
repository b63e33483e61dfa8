// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Testing

@testable import FaustCore

@Suite("Keys of tables")
struct TableKeyFormTests {
    private func check<Key: JSONCodable & Equatable>(_ key: Key, _ json: String) throws {
        let form = TableKeyForm<Key>.natural(json: .json)
        let stored = try form.encode(key)
        #expect(try form.decode(stored) == key)
        let changelog = try form.changelogKey(stored)
        #expect(String(changelog) == json)
        #expect(try form.storeKey(changelog) == stored)
    }

    @Test(
        "strings are JSON in the changelog",
        arguments: ["", "a", "caf\u{e9}", "a\"b\\c", "tab\t", "\u{7f}", "\u{1F600}"]
    )
    func strings(_ text: String) throws {
        try check(text, String(try JSON.encode(text)))
    }

    @Test("many strings at once become what each of them does")
    func manyStrings() throws {
        let form = TableKeyForm<String>.natural(json: .json)
        let keys = ["", "a", "caf\u{e9}", "b", "a\"b\\c", "tab\t", "page/1"].map { Bytes($0) }
        let together = try #require(form.changelogKeys)
        #expect(try together(keys) == keys.map(form.changelogKey))
        #expect(try together([]).isEmpty)
        #expect(throws: (any Error).self) { try together(["a", [0xFF]]) }
    }

    @Test("integers are decimal in the changelog", arguments: [0, 1, -1, 42, Int.min, .max])
    func integers(_ number: Int) throws {
        try check(number, "\(number)")
        try check(Int8(truncatingIfNeeded: number), "\(Int8(truncatingIfNeeded: number))")
        try check(UInt64(bitPattern: Int64(number)), "\(UInt64(bitPattern: Int64(number)))")
    }

    @Test("other types are JSON everywhere, bytes are bytes")
    func others() throws {
        try check(1.5, "1.5")
        try check([1, 2], "[1,2]")
        let form = TableKeyForm<Bytes>.natural(json: .raw)
        let key: Bytes = [0, 0xFF, 34]
        #expect(try form.changelogKey(try form.encode(key)) == key)
    }

    @Test("escapes of others are understood")
    func escapes() throws {
        let form = TableKeyForm<String>.natural(json: .json)
        #expect(try form.storeKey("\"caf\\u00e9\"") == Bytes("caf\u{e9}"))
        #expect(try form.storeKey("\"a\\\"b\"") == "a\"b")
        for wrong in ["\"a\"b\"", "a", "\"", "\"a", "", "1", "\"\u{1}\""] {
            #expect(throws: (any Error).self) { try form.storeKey(Bytes(wrong)) }
        }
    }

    @Test("the order of stored integers and strings is theirs")
    func order() throws {
        let numbers = [Int.min, -256, -1, 0, 1, 255, 256, .max]
        let stored = numbers.map { orderedBytes(of: $0) }
        for (left, right) in zip(stored, stored.dropFirst()) { #expect(left.precedes(right)) }
        let unsigned = [UInt16.min, 1, 255, 256, .max].map { orderedBytes(of: $0) }
        for (left, right) in zip(unsigned, unsigned.dropFirst()) { #expect(left.precedes(right)) }
    }
}
