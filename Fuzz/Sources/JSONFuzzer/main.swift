// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import CLibFuzz
import FaustCore
import Foundation

// JSON comes from other programs: whatever the bytes are, reading them does not trap, all ways of reading agree on them,
// what was read is read again the same after it was written, and what is accepted is what Foundation accepts, as far as
// RFC 8259 leaves no choice.
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
let status = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
    let text = Bytes(UnsafeBufferPointer(start: data, count: size))
    let value = try? JSON.decode(JSONValue.self, from: text)
    let wellFormed = refusal(of: text) == nil
    check(value == nil || wellFormed, "a value of text that is not well-formed")
    check((try? JSON.decode(codable: JSONValue.self, from: text)) == value, "the coder disagrees")
    if let value { checkRoundTrip(value) }
    readTyped(text)
    compareWithFoundation(text, wellFormed, hasValue: value != nil)
    return 0
}
exit(status)

/// Like `precondition`, but says what is wrong in optimised code too.
func check(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { fatalError(message()) }
}

/// A value that is checked and not kept.
struct Skipped: JSONDecodable {
    init(from reader: inout JSONReader) throws(JSONError) {
        let range = try reader.readRawValue()
        check(!range.isEmpty && range.upperBound == reader.position, "a value outside its bytes")
    }
}

/// Reads the fields of objects by every method there is, and lets each fail.
struct Probe: JSONDecodable {
    static let fields = JSONFieldTable(["id", "n", "p", "d", "t", "items", "b"])

    init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.position
        if reader.peek != .object {
            _ = try? reader.readCoercedString()
            reader.position = start
            _ = try? reader.readCoercedInteger(as: Int8.self)
            reader.position = start
            try reader.skipValue()
            return
        }
        try reader.beginObject()
        loop: while true {
            switch try reader.nextField(of: Self.fields) {
            case 0: _ = try reader.readString()
            case 1: _ = try reader.readCoercedInteger(as: Int.self)
            case 2: _ = try reader.readCoercedDouble()
            case 3: _ = try reader.readDecimal()
            case 4: _ = try reader.readDate(.iso8601)
            case 5: _ = try [Probe?](from: &reader)
            case 6: _ = try reader.readBase64()
            default: break loop
            }
        }
        let end = reader.position
        reader.position = start
        try reader.skipValue()
        check(reader.position == end, "another end at the second reading")
    }
}

/// Why text is refused; `nil` when it is well-formed.
func refusal(of text: Bytes) -> JSONError? {
    do {
        _ = try JSON.decode(Skipped.self, from: text)
        return nil
    } catch {
        check(error.byteOffset >= 0 && error.byteOffset <= text.count, "an error outside the text")
        check(error.path.hasPrefix("$") && !"\(error)".isEmpty, "an error without a path")
        return error
    }
}

func checkRoundTrip(_ value: JSONValue) {
    do {
        let again = try JSON.decode(JSONValue.self, from: JSON.encode(value))
        check(again == value, "another value after a round trip")
        let byCoder = try JSON.decode(codable: JSONValue.self, from: JSON.encode(codable: value))
        check(byCoder == value, "another value after a round trip through the coder")
    } catch {
        fatalError("what was read can't be written: \(error)")
    }
}

func readTyped(_ text: Bytes) {
    _ = try? JSON.decode(Probe.self, from: text)
    _ = try? JSON.decode([String: [Date]].self, from: text)
    _ = try? JSON.decode(codable: [String: [Decimal?]].self, from: text)
    if let date = try? JSON.decode(Date.self, from: text), let written = try? JSON.encode(date) {
        check((try? JSON.decode(Date.self, from: written)) != nil, "a date that can't be read back")
    }
    if let number = try? JSON.decode(Double.self, from: text) {
        check(
            Double(String(text).trimmingCharacters(in: .whitespacesAndNewlines)) == number,
            "rounded otherwise"
        )
    }
}

/// Foundation takes other encodings (which have NUL bytes), invalid UTF-8, byte order marks, and a comma at the end of an
/// array or object; it refuses numbers that it can't represent, and nests less or more deeply.
func compareWithFoundation(_ text: Bytes, _ wellFormed: Bool, hasValue: Bool) {
    let bytes = Array(text)
    guard !bytes.contains(0), !bytes.starts(with: [0xEF, 0xBB, 0xBF]), wellFormed == hasValue,
        String(validating: bytes, as: UTF8.self) != nil
    else { return }
    switch refusal(of: text)?.reason {
    case .tooDeep, .unexpectedByte(UInt8(ascii: "]"), _), .unexpectedByte(UInt8(ascii: "}"), _): return
    default: break
    }
    let accepted = (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
    check(accepted == wellFormed, "Foundation \(accepted ? "accepts" : "refuses") it")
}
