// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Foundation
import Testing

@Suite("Codable types in JSON")
struct JSONCoderTests {
    private func survives<Value: Codable & Equatable>(_ value: Value, _ text: String? = nil) throws {
        let bytes = try JSON.encode(codable: value)
        if let text { #expect(String(bytes) == text) }
        #expect(try JSON.decode(codable: Value.self, from: bytes) == value)
        // Foundation reads what we write.
        #expect(try decoder.decode(Value.self, from: Data(bytes)) == value)
    }

    private var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }

    private struct Everything: Codable, Equatable {
        var bool = true
        var string = "a\"é"
        var double = 1.5
        var float: Float = 0.1
        var integers: [Int] = [1, -2]
        var int8: Int8 = -8
        var int16: Int16 = -16
        var int32: Int32 = -32
        var int64: Int64 = .min
        var uint: UInt = 1
        var uint8: UInt8 = 8
        var uint16: UInt16 = 16
        var uint32: UInt32 = 32
        var uint64: UInt64 = .max
        var none: Int?
        var some: String? = "x"
        var nested: [Inner?] = [Inner(), nil]
        var byName: [String: [Bool]] = ["a": [true], "b": []]
        var byNumber: [Int: String] = [1: "a", -5: "b"]
        var color = Color.green
        var date = Date(timeIntervalSince1970: 1_704_164_645)
        var data = Data([1, 2, 3])
        var decimal = Decimal(string: "6.31") ?? 0
        var id = UUID()
        var url = URL(string: "https://example.org/") ?? URL(fileURLWithPath: "/")
        var set: Set<String> = ["a", "b"]
        var choice = Choice.two(a: 1, b: "x")

        struct Inner: Codable, Equatable {
            var x = 1
            var y: [String] = []
        }

        enum Color: String, Codable {
            case red
            case green
        }

        enum Choice: Codable, Equatable {
            case one
            case two(a: Int, b: String)
        }
    }

    @Test("values of every kind survive, and Foundation agrees")
    func everything() throws {
        try survives(Everything())
        try survives([Everything(), Everything()])
        try survives(["a": Everything()])
        try survives(PlainOrder(id: "a", amount: 1, price: 6.31, note: "x", items: [.init(name: "n", size: 1)]))
    }

    @Test("scalars, optionals and empty containers survive at the top")
    func top() throws {
        try survives(1, "1")
        try survives("x", "\"x\"")
        try survives(true, "true")
        try survives(Int?.none, "null")
        try survives([Int](), "[]")
        try survives([String: Int](), "{}")
        try survives([[Int]](), "[]")
        try survives([Double?.none, 1.5], "[null,1.5]")
        struct Nothing: Codable, Equatable {}
        try survives(Nothing(), "{}")
        try survives([Nothing(), Nothing()], "[{},{}]")
        #expect(String(try JSON.encode(codable: Decimal(string: "1.25") ?? 0)) == "1.25")
        #expect(String(try JSON.encode(codable: Date(timeIntervalSince1970: 0.5))) == "\"1970-01-01T00:00:00.5Z\"")
    }

    private class Base: Codable {
        var a = 1
    }

    private final class Derived: Base {
        var b = "x"

        private enum CodingKeys: CodingKey {
            case b
        }

        override init() { super.init() }

        required init(from decoder: any Decoder) throws {
            b = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .b)
            try super.init(from: decoder.container(keyedBy: CodingKeys.self).superDecoder())
        }

        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try super.encode(to: container.superEncoder())
            try container.encode(b, forKey: .b)
        }
    }

    @Test("classes keep what they inherit in an object of its own")
    func superclasses() throws {
        let object = Derived()
        object.a = 5
        object.b = "y"
        let bytes = try JSON.encode(codable: object)
        #expect(String(bytes) == #"{"super":{"a":5},"b":"y"}"#)
        let back = try JSON.decode(codable: Derived.self, from: bytes)
        #expect(back.a == 5 && back.b == "y")
    }

    /// Encodes into containers that are open at the same time, in no particular order.
    private struct Interleaved: Codable, Equatable {
        var numbers = [1, 2, 3]

        private enum Key: CodingKey {
            case first
            case list
            case inner
            case last
        }

        init() {}

        func encode(to encoder: any Encoder) throws {
            var outer = encoder.container(keyedBy: Key.self)
            var list = outer.nestedUnkeyedContainer(forKey: .list)
            var inner = outer.nestedContainer(keyedBy: Key.self, forKey: .inner)
            try outer.encode(0, forKey: .first)
            try list.encode(numbers[0])
            try inner.encode("i", forKey: .first)
            var deeper = list.nestedContainer(keyedBy: Key.self)
            try list.encode(numbers[1])
            try deeper.encode(numbers[2], forKey: .last)
            try outer.encode(9, forKey: .last)
            try inner.encodeNil(forKey: .last)
        }

        init(from decoder: any Decoder) throws {
            let outer = try decoder.container(keyedBy: Key.self)
            var list = try outer.nestedUnkeyedContainer(forKey: .list)
            let inner = try outer.nestedContainer(keyedBy: Key.self, forKey: .inner)
            numbers[0] = try list.decode(Int.self)
            let deeper = try list.nestedContainer(keyedBy: Key.self)
            numbers[1] = try list.decode(Int.self)
            numbers[2] = try deeper.decode(Int.self, forKey: .last)
            guard try outer.decode(Int.self, forKey: .first) == 0, try inner.decodeNil(forKey: .last), list.isAtEnd
            else {
                throw CocoaError(.coderReadCorrupt)
            }
        }
    }

    @Test("containers may stay open beside one another")
    func interleaved() throws {
        try survives(Interleaved(), #"{"list":[1,{"last":3},2],"inner":{"first":"i","last":null},"first":0,"last":9}"#)
        try survives([Interleaved(), Interleaved()])
    }

    @Test("what a failed attempt has written is taken back")
    func attempts() throws {
        struct Attempt: Encodable {
            enum Key: CodingKey {
                case bad
                case good
            }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Key.self)
                try? container.encode(["a": [["b": Double.nan]]], forKey: .bad)
                try container.encode([1], forKey: .good)
                try? container.encode(Double.infinity, forKey: .bad)
            }
        }
        #expect(String(try JSON.encode(codable: Attempt())) == #"{"good":[1]}"#)
        #expect(String(try JSON.encode(codable: [Attempt()])) == #"[{"good":[1]}]"#)
    }

    @Test("a container that has outlived its value is refused")
    func escaped() throws {
        final class Box: Encodable {
            nonisolated(unsafe) var container: KeyedEncodingContainer<JSONCoderTests.AnyKey>?
            func encode(to encoder: any Encoder) throws { container = encoder.container(keyedBy: AnyKey.self) }
        }
        struct Outer: Encodable {
            func encode(to encoder: any Encoder) throws {
                var list = encoder.unkeyedContainer()
                let box = Box()
                try list.encode(box)
                try list.encode(1)
                #expect(throws: EncodingError.self) { try box.container?.encode(1, forKey: AnyKey("late")) }
            }
        }
        #expect(String(try JSON.encode(codable: Outer())) == "[{},1]")
    }

    @Test("a value that writes into what it lies in is an error, not broken text")
    func outward() throws {
        struct Inner: Encodable {
            var outer: any UnkeyedEncodingContainer
            func encode(to encoder: any Encoder) throws {
                var outer = outer
                var own = encoder.container(keyedBy: AnyKey.self)
                try? own.encode(Inner2(outer: outer), forKey: AnyKey("k"))
                try outer.encode(2)
            }
        }
        struct Inner2: Encodable {
            var outer: any UnkeyedEncodingContainer
            func encode(to encoder: any Encoder) throws {
                var outer = outer
                var own = encoder.container(keyedBy: AnyKey.self)
                try outer.encode(1)
                try own.encode(1, forKey: AnyKey("late"))
            }
        }
        struct Outer: Encodable {
            func encode(to encoder: any Encoder) throws {
                var list = encoder.unkeyedContainer()
                try list.encode(Inner(outer: list))
            }
        }
        #expect(throws: EncodingError.self) { try JSON.encode(codable: Outer()) }
    }

    @Test("a decoder that has outlived its text reads nothing")
    func escapedDecoder() throws {
        final class Box: Decodable {
            let decoder: any Decoder
            init(from decoder: any Decoder) throws { self.decoder = decoder }
        }
        let box = try JSON.decode(codable: Box.self, from: #"{"a":[1,"x"]}"#)
        #expect(throws: DecodingError.self) { try box.decoder.singleValueContainer().decode(String.self) }
        let container = try box.decoder.container(keyedBy: AnyKey.self)
        #expect(throws: DecodingError.self) { try container.decode([Int].self, forKey: AnyKey("a")) }
        #expect(container.allKeys.count <= 1)
    }

    struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int?
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct Parcel: Codable {
        struct Item: Codable {
            var size: Int8
        }

        var items: [Item]
    }

    private func failure(_ text: Bytes) -> (any Error)? {
        switch (Result { try JSON.decode(codable: Parcel.self, from: text) }) {
        case .success: nil
        case .failure(let error): error
        }
    }

    @Test("errors are those of Codable, with ours as their cause")
    func errors() throws {
        guard case .dataCorrupted(let context)? = failure(#"{"items":[{"size":1},{"size":300}]}"#) as? DecodingError
        else {
            Issue.record("no error about the range")
            return
        }
        let cause = try #require(context.underlyingError as? JSONError)
        #expect(cause.path == "$.items[1].size" && cause.byteOffset == 29 && cause.reason == .outOfRange("Int8"))
        #expect(context.codingPath.map(\.stringValue) == ["items", "Index 1", "size"])
        #expect(context.codingPath.map(\.intValue) == [nil, 1, nil])
        guard case .keyNotFound(let key, let missing)? = failure(#"{"items":[{}]}"#) as? DecodingError else {
            Issue.record("no error about the missing field")
            return
        }
        #expect(key.stringValue == "size" && missing.codingPath.map(\.stringValue) == ["items", "Index 0"])
        guard case .typeMismatch? = failure(#"{"items":[{"size":"x"}]}"#) as? DecodingError,
            case .valueNotFound? = failure(#"{"items":null}"#) as? DecodingError,
            case .typeMismatch? = failure(#"{"items":{}}"#) as? DecodingError
        else {
            Issue.record("another kind of error")
            return
        }
        #expect((failure(#"{"items":[1,]}"#) as? JSONError)?.byteOffset == 12)
        #expect(throws: EncodingError.self) { try JSON.encode(codable: [Double.nan]) }
    }

    @Test("objects of many fields, with escaped and equal names, are found by name")
    func manyFields() throws {
        let text = "{" + (0..<1000).map { #""\u006b\#($0)":\#($0)"# }.joined(separator: ",") + #","k7":-7}"#
        let decoded = try JSON.decode(codable: [String: Int].self, from: Bytes(text))
        #expect(decoded.count == 1000 && decoded["k7"] == -7 && decoded["k999"] == 999)
        struct Few: Decodable {
            var k3: Int
            var k7: Int
            var none: Int?
        }
        let few = try JSON.decode(codable: Few.self, from: Bytes(text))
        #expect(few.k3 == 3 && few.k7 == -7 && few.none == nil)
        let small = try JSON.decode(codable: Few.self, from: #"{"k7":1,"\u006b3":3,"k7":2,"none":null}"#)
        #expect(small.k3 == 3 && small.k7 == 2 && small.none == nil)
    }
}
