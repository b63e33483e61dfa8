// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Testing

/// What RFC 8259 accepts and refuses, each case through every way of reading.
@Suite("The grammar of JSON")
struct JSONGrammarTests {
    @Test("well-formed text is accepted", arguments: JSONGrammar.accepted)
    func accepted(text: Bytes) throws {
        _ = try JSON.decode(JSONValue.self, from: text)
        _ = try JSON.decode(Skipped.self, from: text)
        _ = try JSON.decode(codable: JSONValue.self, from: text)
    }

    @Test("text that is not well-formed is refused", arguments: JSONGrammar.refused)
    func refused(text: Bytes) {
        #expect(throws: JSONError.self) { try JSON.decode(JSONValue.self, from: text) }
        #expect(throws: JSONError.self) { try JSON.decode(Skipped.self, from: text) }
        #expect(throws: JSONError.self) { try JSON.decode(codable: JSONValue.self, from: text) }
    }

    @Test("every proper prefix of a text is refused, with an offset inside it")
    func prefixes() throws {
        let text = Bytes(#"{"a":[1,-2.5e+3,"x\u00e9\ud83d\ude00é😀",true,false,null,{"b":{}}],"c":""}"#)
        _ = try JSON.decode(JSONValue.self, from: text)
        for end in 0..<text.count {
            let error = #expect(throws: JSONError.self) { try JSON.decode(JSONValue.self, from: text[0..<end]) }
            #expect(error.map { $0.byteOffset <= end } == true)
            #expect(throws: JSONError.self) { try JSON.decode(Skipped.self, from: text[0..<end]) }
        }
    }

    @Test("512 levels are accepted, 513 refused, 100,000 do no harm")
    func depth() throws {
        func nested(_ depth: Int) -> Bytes {
            Bytes(String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
        }
        _ = try JSON.decode(JSONValue.self, from: nested(512))
        _ = try JSON.decode(Skipped.self, from: nested(512))
        _ = try JSON.decode(codable: JSONValue.self, from: nested(512))
        for text in [nested(513), nested(100_000), Bytes(String(repeating: "[", count: 100_000))] {
            #expect(reason { try JSON.decode(JSONValue.self, from: text) } == .tooDeep)
            #expect(reason { try JSON.decode(Skipped.self, from: text) } == .tooDeep)
            #expect(reason { try JSON.decode(codable: JSONValue.self, from: text) } == .tooDeep)
        }
        let objects = Bytes(String(repeating: #"{"":"#, count: 100_000))
        #expect(reason { try JSON.decode(JSONValue.self, from: objects) } == .tooDeep)
        #expect(reason { try JSON.decode(Skipped.self, from: objects) } == .tooDeep)
    }

    @Test("of equal names the last one counts")
    func duplicates() throws {
        let text: Bytes = #"{"a":1,"b":2,"a":3}"#
        #expect(try JSON.decode(JSONValue.self, from: text) == ["a": 3, "b": 2])
        #expect(try JSON.decode([String: Int].self, from: text) == ["a": 3, "b": 2])
        #expect(try JSON.decode(codable: [String: Int].self, from: text) == ["a": 3, "b": 2])
        #expect(try JSON.decode(PlainOrder.self, from: #"{"id":"x","n":1,"p":1,"n":2}"#).amount == 2)
    }

    @Test("every byte that is not white space is refused around a value")
    func surroundings() throws {
        for byte in UInt8.min...UInt8.max {
            let isSpace = [0x20, 0x09, 0x0A, 0x0D].contains(byte)
            let before = Bytes([byte] + Array("true".utf8))
            let after = Bytes(Array("true".utf8) + [byte])
            #expect((try? JSON.decode(JSONValue.self, from: before)) == (isSpace ? true : nil))
            #expect((try? JSON.decode(JSONValue.self, from: after)) == (isSpace ? true : nil))
        }
    }

    @Test("exactly the code points of Unicode are valid UTF-8")
    func everyScalar() throws {
        for start in stride(from: UInt32(0x80), through: 0x10FFFF, by: 0x400) {
            var text: [UInt8] = [UInt8(ascii: "\"")]
            var expected = ""
            for value in start..<min(start + 0x400, 0x110000) {
                guard let scalar = UnicodeScalar(value) else { continue }
                text += Array(String(scalar).utf8)
                expected.unicodeScalars.append(scalar)
            }
            let decoded = try JSON.decode(String.self, from: Bytes(text + [UInt8(ascii: "\"")]))
            #expect(decoded.utf8.elementsEqual(expected.utf8))
        }
    }

    @Test("one, two and three bytes are accepted as a string exactly when the standard library takes them for UTF-8")
    func everyShortSequence() {
        var disagreements = 0
        for first in UInt8(0x80)...0xFF {
            for second in UInt8.min...UInt8.max {
                for last in [0x22, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF] as [UInt8] {
                    guard second != 0x22, second != 0x5C, second >= 0x20, last != 0x22 else { continue }
                    let content = [first, second, last]
                    let isValid = String(validating: content, as: UTF8.self) != nil
                    let decoded = try? JSON.decode(String.self, from: Bytes([0x22] + content + [0x22]))
                    disagreements += isValid == (decoded != nil) ? 0 : 1
                }
            }
        }
        #expect(disagreements == 0)
    }

    private func reason<Value>(_ body: () throws -> Value) -> JSONError.Reason? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? JSONError)?.reason
        }
    }
}

/// A value that is checked and not kept.
struct Skipped: JSONDecodable {
    var range: Range<Int>

    init(from reader: inout JSONReader) throws(JSONError) {
        range = try reader.readRawValue()
    }
}
