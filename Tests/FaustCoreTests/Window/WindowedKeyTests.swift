// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Testing

@testable import FaustCore

@Suite("Keys of windowed tables")
struct WindowedKeyTests {
    private let form = TableKeyForm<WindowedKey<String>>.windowed(.natural(json: .json))

    private func key(_ text: String, _ start: Int64, _ end: Int64) -> WindowedKey<String> {
        WindowedKey(text, in: WindowRange(start, end))
    }

    @Test("the changelog has the key and its window as Faust writes them")
    func changelog() throws {
        let stored = try form.encode(key("page", 60_000, 120_000))
        #expect(try form.changelogKey(stored) == "[\"page\",[60.0,120.0]]")
        #expect(try form.decode(stored) == key("page", 60_000, 120_000))
        let precise = try form.encode(key("a\"b", -1, 1_700_000_000_123))
        #expect(try form.changelogKey(precise) == "[\"a\\\"b\",[-0.001,1700000000.123]]")
    }

    @Test("times in the changelog are exact and as short as they can be", arguments: 0..<4)
    func times(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let steps: [Int64] = [1, 10, 100, 1_000, 60_000]
        for _ in 0..<500 {
            let bounds = [0, 1]
                .map { _ in
                    Int64.random(in: -1_000_000...1_000_000, using: &random)
                        * (steps.randomElement(using: &random) ?? 1)
                }
            let text = WindowRange(bounds[0], bounds[1]).description.replacing(" ", with: "")
            let stored = try form.encode(key("k", bounds[0], bounds[1]))
            #expect(String(try form.changelogKey(stored)) == "[\"k\",\(text)]")
        }
    }

    @Test("what the changelog has is read back, whoever wrote it")
    func reading() throws {
        for (text, start, end) in [
            ("page", Int64(0), Int64(250)), ("", -60_000, 0), ("caf\u{e9}", 1_699_999_999_999, 1_700_000_000_000),
        ] {
            let stored = try form.encode(key(text, start, end))
            #expect(try form.storeKey(try form.changelogKey(stored)) == stored)
        }
        let spaced = try form.storeKey("[ \"page\" , [ 60, 119.9 ] ]")
        #expect(try form.decode(spaced) == key("page", 60_000, 119_900))
        #expect(try form.storeKey(WindowLayout.markerKey) == .empty)
        #expect(try form.changelogKey(.empty) == WindowLayout.markerKey)
    }

    @Test(
        "nonsense is refused",
        arguments: [
            "", "[]", "[\"a\"]", "[\"a\",[1]]", "[\"a\",[1,2,3]]", "[\"a\",[1,2],3]", "[1,[1,2]]", "[\"a\",[1e300,2]]",
            "\"a\"",
        ]
    )
    func nonsense(_ text: String) {
        #expect(throws: (any Error).self) { try form.storeKey(Bytes(text)) }
    }

    @Test("stored keys are in the order of time, then of keys")
    func order() throws {
        let keys = [
            key("z", -60_000, 0), key("a", 0, 60_000), key("b", 0, 60_000), key("a", 0, 120_000), key("a", 1, 2),
        ]
        let stored = try keys.map(form.encode)
        for (left, right) in zip(stored, stored.dropFirst()) { #expect(left.precedes(right)) }
        let range = WindowLayout.byStart.range(from: 0, before: 1)
        #expect(stored.map(range.contains) == [false, true, true, true, false])
        #expect(!WindowLayout.byStart.range(from: nil, before: nil).contains(.empty))
        #expect(WindowLayout.byStart.range(from: nil, before: nil).contains(try form.encode(key("", .min, .max))))
    }
}
