// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Foundation
import Testing

@Suite("Writing JSON")
struct JSONWriterTests {
    private enum Color: String, JSONKey, JSONDecodable, JSONEncodable {
        case red
        case green
    }

    private enum Level: Int, JSONDecodable, JSONEncodable {
        case low = 1
        case high
    }

    @Test("records are compact and in the order of their fields")
    func record() throws {
        let order = PlainOrder(
            id: "a",
            amount: 97,
            price: 6.31,
            items: [.init(name: "x", size: 1), .init(name: "y", size: 2)]
        )
        #expect(
            String(try JSON.encode(order))
                == #"{"id":"a","n":97,"p":6.31,"note":null,"items":[{"name":"x","size":1},{"name":"y","size":2}]}"#
        )
        #expect(try JSON.decode(PlainOrder.self, from: JSON.encode(order)) == order)
    }

    @Test("strings are escaped where they must be and nowhere else")
    func escapes() throws {
        #expect(
            String(try JSON.encode("\"\\/\u{8}\u{9}\n\u{C}\r\u{0}\u{1F}\u{7F}é😀\u{2028}"))
                == #""\"\\/\b\t\n\f\r\u0000\u001f"# + "\u{7F}é😀\u{2028}\""
        )
        var generator = SeededRandom(seed: 5)
        for _ in 0..<3000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...40, using: &generator) {
                let limit: UInt32 = Bool.random(using: &generator) ? 0x80 : 0x11_0000
                text.unicodeScalars.append(UnicodeScalar(UInt32.random(in: 0..<limit, using: &generator)) ?? "\u{0}")
            }
            let bytes = try JSON.encode(text)
            #expect(try JSON.decode(String.self, from: bytes).utf8.elementsEqual(text.utf8))
            #expect(bytes.allSatisfy { $0 >= 0x20 })
        }
    }

    @Test("every string of control characters survives, whatever the buffer's size")
    func growth() throws {
        for length in 0..<300 {
            for text in [
                String(repeating: "\u{1}", count: length), String(repeating: "x", count: length),
                String(repeating: "é", count: length),
            ] {
                #expect(try JSON.decode([String].self, from: JSON.encode([text, text])) == [text, text])
            }
        }
    }

    @Test("collections of every kind survive")
    func collections() throws {
        func survives<Value: JSONCodable & Equatable>(_ value: Value) throws {
            #expect(try JSON.decode(Value.self, from: JSON.encode(value)) == value)
        }
        try survives([1, 2, 3])
        try survives([Int]())
        try survives([[1], [], [2, 3]])
        try survives(ContiguousArray(["a", "b"]))
        try survives(Set([1, 2, 3]))
        try survives(["a": 1, "b\"": 2, "": 3])
        try survives([1: "a", -2: "b"])
        try survives([Color.red: true])
        try survives([UUID(): 1.5])
        try survives([Int?.none, 1])
        try survives(["a": [Level.low, .high]])
        try survives(Optional<[String: Bool]>.none)
        try survives([String: [String: Int]]())
    }

    @Test("an unknown case or key is refused by name")
    func unknownCases() {
        let error = #expect(throws: JSONError.self) { try JSON.decode([Color].self, from: #"["red","blue"]"#) }
        #expect(error?.reason == .invalidValue("Color has no case for \"blue\""))
        #expect(error?.path == "$[1]")
        #expect(error?.byteOffset == 7)
        #expect(throws: JSONError.self) { try JSON.decode([Level].self, from: "[3]") }
        #expect(throws: JSONError.self) { try JSON.decode([Color: Int].self, from: #"{"blue":1}"#) }
        #expect(throws: JSONError.self) { try JSON.decode([Int8: Int].self, from: #"{"300":1}"#) }
    }

    @Test("UUIDs are lower case, URLs and data are strings")
    func foundation() throws {
        let id = try #require(UUID(uuidString: "0188E5A0-1C2D-7E3F-8A4B-5C6D7E8F9A0B"))
        #expect(String(try JSON.encode(id)) == "\"0188e5a0-1c2d-7e3f-8a4b-5c6d7e8f9a0b\"")
        #expect(try JSON.decode(UUID.self, from: #""0188e5a0-1C2D-7e3f-8a4b-5c6d7e8f9a0b""#) == id)
        #expect(throws: JSONError.self) { try JSON.decode(UUID.self, from: #""0188e5a0""#) }
        let url = try #require(URL(string: "https://example.org/a?b=c"))
        #expect(try JSON.decode(URL.self, from: JSON.encode(url)) == url)
        #expect(String(try JSON.encode(Data([1, 2, 3]))) == "\"AQID\"")
    }

    @Test("base64 is written with its padding and read strictly")
    func base64() throws {
        var generator = SeededRandom(seed: 6)
        for length in 0..<100 {
            let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let text = try JSON.encode(Bytes(bytes))
            #expect(String(text) == "\"\(Data(bytes).base64EncodedString())\"")
            #expect(try JSON.decode(Bytes.self, from: text) == Bytes(bytes))
            #expect(try JSON.decode(Data.self, from: text) == Data(bytes))
        }
        #expect(try JSON.decode(Bytes.self, from: #""\/\/\/\/""#) == [0xFF, 0xFF, 0xFF])
        for text in [
            #""A""#, #""AA""#, #""AAA""#, #""AB==""#, #""AAB=""#, #""A===""#, #""====""#, #""AA=A""#, #""AA==AAAA""#,
            #""AAA\n""#, #""AA A""#, #""-_-_""#, "1",
        ] {
            #expect(throws: JSONError.self) { try JSON.decode(Bytes.self, from: Bytes(text)) }
        }
    }

    @Test("what could not be read again for its depth is refused")
    func depth() throws {
        func nested(_ depth: Int) -> JSONValue { (0..<depth).reduce(.null) { value, _ in .array([value]) } }
        _ = try JSON.decode(JSONValue.self, from: JSON.encode(nested(512)))
        #expect(throws: JSONError.self) { try JSON.encode(nested(513)) }
        _ = try JSON.encode(codable: nested(512))
        #expect(throws: (any Error).self) { try JSON.encode(codable: nested(513)) }
    }

    @Test("a writer can be used by itself, with raw values")
    func byHand() throws {
        var writer = JSONWriter(capacity: 0)
        writer.beginObject()
        writer.key("a\n")
        writer.beginArray()
        writer.element()
        writer.writeRaw("{}")
        writer.element()
        writer.write(true)
        writer.element()
        writer.beginArray()
        writer.endArray()
        writer.element()
        writer.write(-5)
        writer.endArray()
        writer.field("\"b\":")
        writer.writeNull()
        writer.endObject()
        #expect(writer.count == 32)
        #expect(String(try writer.finish()) == #"{"a\n":[{},true,[],-5],"b":null}"# + "")
    }

    @Test("trees survive and can be written as literals")
    func values() throws {
        let value: JSONValue = ["a": [1, 2.5, nil, true, "x"], "b": ["c": [:], "d": []]]
        #expect(try JSON.decode(JSONValue.self, from: JSON.encode(value)) == value)
        #expect(value["a"]?[1] == 2.5)
        #expect(value["b"]?["c"]?["none"] == nil)
        #expect(value["a"]?[5] == nil)
        #expect(
            try JSON.decode(
                JSONValue.self,
                from: "[1,1.0,1e2,9223372036854775807,9223372036854775808,-9223372036854775808]"
            )
                == [1, .double(1), 100.0, .integer(.max), .double(9_223_372_036_854_775_808), .integer(.min)]
        )
    }
}
