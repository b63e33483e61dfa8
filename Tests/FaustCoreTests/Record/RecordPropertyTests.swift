// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Foundation
import Testing

extension RecordTests {
    @Suite("Random records")
    struct RecordPropertyTests {
        @Test(
            "every random record survives a round trip, and its fields in any order with others between them",
            arguments: 0..<8
        )
        func roundTrip(seed: UInt64) throws {
            var random = SeededRandom(seed: seed)
            for _ in 0..<50 {
                let value = Everything(random: &random)
                let bytes = try JSON.encode(value)
                #expect(try JSON.decode(Everything.self, from: bytes) == value)
                let shuffled = try shuffle(bytes, &random)
                #expect(try JSON.decode(Everything.self, from: shuffled) == value)
            }
        }

        @Test("a record that is cut off anywhere is refused", arguments: 0..<4)
        func truncated(seed: UInt64) throws {
            var random = SeededRandom(seed: seed)
            let bytes = try JSON.encode(Everything(random: &random))
            for count in 0..<bytes.count {
                #expect(throws: JSONError.self) { try JSON.decode(Everything.self, from: bytes[0..<count]) }
            }
        }

        @Test("a record with any byte changed is read or refused, never a trap", arguments: 0..<4)
        func damaged(seed: UInt64) throws {
            var random = SeededRandom(seed: seed)
            var read = 0
            for _ in 0..<300 {
                var bytes = Array(try JSON.encode(Everything(random: &random)))
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                if (try? JSON.decode(Everything.self, from: Bytes(bytes))) != nil { read += 1 }
            }
            #expect(read > 0 && read < 300)
        }

        /// The same object with its fields in another order and an unknown one in front of each.
        private func shuffle(_ bytes: Bytes, _ random: inout SeededRandom) throws -> Bytes {
            let fields = try JSON.decode(RawFields.self, from: bytes).fields.shuffled(using: &random)
            let text = try fields.map {
                #" "x\#($0.key)" : {"a":[1]} , \#(try jsonText($0.key)) : \#(String(bytes[$0.value])) "#
            }
            return Bytes("{" + text.joined(separator: ",\n") + "}")
        }
    }

    /// The fields of an object and where their values are.
    private struct RawFields: JSONDecodable {
        var fields: [(key: String, value: Range<Int>)] = []

        init(from reader: inout JSONReader) throws(JSONError) {
            try reader.beginObject()
            while let key = try reader.nextKey() { fields.append((key, try reader.readRawValue())) }
        }
    }
}

extension SeededRandom {
    mutating func upTo(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }

    mutating func text() -> String {
        let parts = ["a", "Zz", "\"", "\\", "\n", "\u{0}", "é", "🇩🇪", "/", " ", "{}", "\u{2028}"]
        return (0..<upTo(6)).map { _ in parts[upTo(parts.count)] }.joined()
    }

    mutating func many<Element>(_ make: (inout SeededRandom) -> Element) -> [Element] {
        (0..<upTo(4)).map { _ in make(&self) }
    }

    mutating func maybe<Element>(_ make: (inout SeededRandom) -> Element) -> Element? {
        upTo(2) == 0 ? nil : make(&self)
    }
}

extension RecordTests.Everything {
    init(random: inout SeededRandom) {
        let orders = random.many { ($0.text(), RecordTests.Order(random: &$0)) }
        let codes = random.many { (Int.random(in: .min ... .max, using: &$0), $0.many { $0.double() }) }
        self.init(
            flag: .random(using: &random),
            small: .random(in: .min ... .max, using: &random),
            large: .random(in: .min ... .max, using: &random),
            number: random.double(),
            single: .random(in: -1e6...1e6, using: &random),
            text: random.text(),
            maybe: random.maybe { $0.text() },
            list: random.many { $0.maybe { Int32.random(in: .min ... .max, using: &$0) } },
            names: Set(random.many { $0.text() }),
            orders: Dictionary(orders) { $1 },
            codes: Dictionary(codes) { $1 },
            date: Date(timeIntervalSince1970: Double(random.upTo(4_000_000_000)) + 0.25),
            time: Date(timeIntervalSince1970: Double(random.upTo(4_000_000_000_000)) / 1000),
            id: UUID(uuidString: "00000000-0000-4000-8000-0000\(String(10_000_000 + random.upTo(9_999_999)))")!,
            data: Data(random.many { UInt8.random(in: 0...255, using: &$0) }),
            amount: Decimal(random.upTo(1_000_000)) / 100,
            currency: random.upTo(2) == 0 ? .euro : .dollar,
            status: [.open, .inProgress, .done][random.upTo(3)],
            payment: RecordTests.Payment(random: &random),
            polymorphic: random.maybe {
                $0.upTo(2) == 0
                    ? .card(RecordTests.Card(number: $0.text())) : .cash(RecordTests.Cash(amount: $0.upTo(9)))
            },
            tree: RecordTests.Tree(random: &random, depth: 4),
            expression: RecordTests.Expression(random: &random, depth: 4),
            renamed: random.upTo(10)
        )
    }
}

extension SeededRandom {
    mutating func double() -> Double {
        switch upTo(3) {
        case 0: Double(upTo(1000))
        case 1: Double.random(in: -1...1, using: &self)
        default: Double(sign: .plus, exponent: upTo(2000) - 1000, significand: .random(in: 1..<2, using: &self))
        }
    }
}

extension RecordTests.Order {
    init(random: inout SeededRandom) {
        self.init(
            accountID: random.text(),
            productURL2: random.text(),
            amount: random.upTo(5),
            price: random.double(),
            note: random.maybe { $0.text() }
        )
    }
}

extension RecordTests.Payment {
    init(random: inout SeededRandom) {
        switch random.upTo(5) {
        case 0: self = .cash
        case 1: self = .card(number: random.text(), expiryYear: random.upTo(3000), holder: random.maybe { $0.text() })
        case 2: self = .voucher(random.text())
        case 3: self = .split(random.upTo(10), -random.upTo(10))
        default: self = .maybe(random.maybe { $0.upTo(10) })
        }
    }
}

extension RecordTests.Tree {
    init(random: inout SeededRandom, depth: Int) {
        let children = depth == 0 ? [] : random.many { RecordTests.Tree(random: &$0, depth: depth - 1) }
        self.init(name: random.text(), children: children)
    }
}

extension RecordTests.Expression {
    init(random: inout SeededRandom, depth: Int) {
        switch depth == 0 ? 0 : random.upTo(3) {
        case 0: self = .number(random.double())
        case 1: self = .negated(of: RecordTests.Expression(random: &random, depth: depth - 1))
        default:
            self = .sum(
                RecordTests.Expression(random: &random, depth: depth - 1),
                RecordTests.Expression(random: &random, depth: depth - 1)
            )
        }
    }
}
