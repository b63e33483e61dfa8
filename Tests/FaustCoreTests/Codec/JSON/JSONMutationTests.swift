// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Foundation
import Testing

@Suite("Damaged JSON")
struct JSONMutationTests {
    private static let seeds = [
        #"{"id":"a","n":97,"p":6.31,"note":"é\n\ud83d\ude00","items":[{"name":"x","size":1},{"name":"y","size":2}]}"#,
        #"[1,-2.5e+3,0.000001,123456789012345678901234567890,true,false,null,"",{},[[]],{"":{"":[]}}]"#,
        #" { "a" : [ "01234567\\\"/\b\f\n\r\t\u0000" , 1E22 , -0 ] , "long name of a field" : "日本語" } "#,
    ]

    private static let interesting =
        Array("{}[]\",:\\/0123456789.eE+-truefalsn \t\n".utf8) + [
            0, 0x1F, 0x7F, 0x80, 0xBF, 0xC0, 0xE2, 0xED, 0xF0, 0xFF,
        ]

    private static func mutate(_ text: [UInt8], _ generator: inout SeededRandom) -> [UInt8] {
        var text = text
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let index = Int.random(in: 0..<max(text.count, 1), using: &generator)
            let byte = interesting.randomElement(using: &generator) ?? 0
            switch Int.random(in: 0..<5, using: &generator) {
            case 0 where !text.isEmpty: text[index] = byte
            case 1 where !text.isEmpty: text.remove(at: index)
            case 2: text.insert(byte, at: min(index, text.count))
            case 3: text.removeLast(min(Int.random(in: 0...8, using: &generator), text.count))
            default:
                let end = min(index + Int.random(in: 0...12, using: &generator), text.count)
                text.insert(
                    contentsOf: text[min(index, end)..<end],
                    at: min(Int.random(in: 0...text.count, using: &generator), text.count)
                )
            }
        }
        return text
    }

    @Test("20,000 damaged texts never trap, and all ways of reading agree on them")
    func mutations() throws {
        var generator = SeededRandom(seed: 8)
        var accepted = 0
        for round in 0..<20_000 {
            let text = Bytes(Self.mutate(Array(Self.seeds[round % Self.seeds.count].utf8), &generator))
            let value = try? JSON.decode(JSONValue.self, from: text)
            let isWellFormed = (try? JSON.decode(Skipped.self, from: text)) != nil
            let codable = try? JSON.decode(codable: JSONValue.self, from: text)
            #expect(value == codable)
            // A number beyond all doubles is well-formed and yet no value.
            if value != nil { #expect(isWellFormed) }
            if let order = try? JSON.decode(PlainOrder.self, from: text) {
                #expect(isWellFormed)
                #expect(try JSON.decode(codable: PlainOrder?.self, from: JSON.encode(order)) == order)
            }
            if let value {
                accepted += 1
                #expect(try JSON.decode(JSONValue.self, from: JSON.encode(value)) == value)
                #expect(try JSON.decode(codable: JSONValue.self, from: JSON.encode(codable: value)) == value)
            }
        }
        #expect(accepted > 1000)
    }

    @Test("what is accepted and refused is what Foundation accepts and refuses")
    func foundation() {
        var generator = SeededRandom(seed: 9)
        var disagreements: [String] = []
        for round in 0..<5000 {
            let text = Self.mutate(Array(Self.seeds[round % Self.seeds.count].utf8), &generator)
            let ours = (try? JSON.decode(Skipped.self, from: Bytes(text))) != nil
            let theirs = (try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)) != nil
            if ours != theirs && !Self.isAmbiguous(text) { disagreements.append(String(decoding: text, as: UTF8.self)) }
        }
        #expect(disagreements.isEmpty, "\(disagreements.prefix(5))")
    }

    /// Whether Foundation goes its own way: it takes other encodings (which have NUL bytes), byte order marks, invalid
    /// UTF-8 and a comma at the end of an array or object, and refuses numbers that it can't represent.
    private static func isAmbiguous(_ text: [UInt8]) -> Bool {
        if text.contains(0) || String(validating: text, as: UTF8.self) == nil || text.starts(with: [0xEF, 0xBB, 0xBF]) {
            return true
        }
        do {
            _ = try JSON.decode(Skipped.self, from: Bytes(text))
            return (try? JSON.decode(JSONValue.self, from: Bytes(text))) == nil
        } catch {
            switch error.reason {
            case .unexpectedByte(UInt8(ascii: "]"), _), .unexpectedByte(UInt8(ascii: "}"), _): return true
            default: return false
            }
        }
    }
}
