// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Foundation
import Testing

/// Reverses the bytes; refuses those that start with `!`.
struct ReversingCodec: Codec {
    let name = "reversed"
    func encode(_ bytes: Bytes) throws -> Bytes { Bytes(bytes.reversed()) }
    func decode(_ bytes: Bytes) throws -> Bytes {
        if bytes.first == UInt8(ascii: "!") { throw FaustError(.decode, "it starts with !") }
        return Bytes(bytes.reversed())
    }
}

extension Codec where Self == ReversingCodec {
    static var reversed: ReversingCodec { ReversingCodec() }
}

@Suite struct SerdeTests {
    private func check<Value: Equatable>(_ serde: Serde<Value>, _ value: Value, _ bytes: Bytes?) throws {
        #expect(try serde.encode(value) == bytes)
        #expect(try serde.decode(bytes) == value)
    }

    @Test("bytes and strings are written as they are")
    func raw() throws {
        try check(.raw, Bytes([0, 255]), [0, 255])
        try check(.raw, [0, 255] as [UInt8], [0, 255])
        try check(.raw, Data([0, 255]), [0, 255])
        try check(.raw, Data(), .empty)
        try check(.string, "Käse \u{0} \u{1F9C0}", "Käse \u{0} \u{1F9C0}")
        try check(.raw, "" as String, .empty)
        try check(.raw, nil as Bytes?, nil)
        try check(.raw, Bytes.empty as Bytes?, .empty)
    }

    @Test("numbers are written as their decimal text")
    func text() throws {
        try check(.integer, -42, "-42")
        try check(.text, UInt64.max, "18446744073709551615")
        try check(.text, Int64.min, "-9223372036854775808")
        try check(.text, 1.0, "1.0")
        try check(.text, -0.1, "-0.1")
        try check(.text, Float(2.5), "2.5")
        try check(.text, true, "true")
        let uuid = try #require(UUID(uuidString: "00112233-4455-6677-8899-AABBCCDDEEFF"))
        try check(.text, uuid, "00112233-4455-6677-8899-aabbccddeeff")
        #expect(try Serde<UUID>.text.decode("00112233-4455-6677-8899-AABBCCDDEEFF") == uuid)
    }

    @Test("integer text is read exactly as far as the type reaches")
    func integerBounds() throws {
        for value in Int8.min...Int8.max {
            try check(.text, value, Bytes("\(value)"))
            try check(.text, UInt8(bitPattern: value), Bytes("\(UInt8(bitPattern: value))"))
        }
        #expect(try Serde<Int8>.text.decode("+7") == 7)
        #expect(try Serde<Int8>.text.decode("-0") == 0)
        #expect(try Serde<Int8>.text.decode("0007") == 7)
        for text: Bytes in ["128", "-129", "1280", "99999", "+", "-", "--1", "+-1", "1-", "1e1"] {
            #expect(throws: FaustError.self) { try Serde<Int8>.text.decode(text) }
        }
        for text: Bytes in ["256", "-1", "300", ""] {
            #expect(throws: FaustError.self) { try Serde<UInt8>.text.decode(text) }
        }
        #expect(throws: FaustError.self) { try Serde<Int64>.text.decode("-9223372036854775809") }
        #expect(throws: FaustError.self) { try Serde<UInt64>.text.decode("18446744073709551616") }
    }

    @Test("a string is refused exactly when its bytes are not UTF-8, wherever the fault is")
    func utf8() throws {
        let fragments: [[UInt8]] = [
            [0x41], [0xC3, 0xA4], [0xE2, 0x82, 0xAC], [0xF0, 0x9F, 0xA7, 0x80], [0x80], [0xC3], [0xC0, 0x80],
            [0xED, 0xA0, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0xFF],
        ]
        for padding in 0..<20 {
            for first in fragments {
                for second in fragments {
                    let bytes =
                        [UInt8](repeating: 0x61, count: padding) + first + [UInt8](repeating: 0x62, count: 9) + second
                    #expect(
                        String(validating: bytes, as: UTF8.self) == (try? Serde<String>.string.decode(Bytes(bytes)))
                    )
                }
            }
        }
    }

    @Test("fixed widths are those of Kafka's serializers")
    func bigEndian() throws {
        try check(.bigEndian, Int32(1), [0, 0, 0, 1])
        try check(.bigEndian, Int32(-2), [255, 255, 255, 254])
        try check(.bigEndian, Int64(258), [0, 0, 0, 0, 0, 0, 1, 2])
        try check(.bigEndian, Int16.min, [128, 0])
        try check(.bigEndian, UInt8(200), [200])
        try check(.bigEndian, Int8(-1), [255])
        try check(.bigEndian, 1.0, [0x3F, 0xF0, 0, 0, 0, 0, 0, 0])
        try check(.bigEndian, Float(-2), [0xC0, 0, 0, 0])
    }

    @Test("bytes that are not of the type are refused")
    func refused() {
        func expectDecodeError<Value>(_ serde: Serde<Value>, _ bytes: Bytes) {
            let error = #expect(throws: FaustError.self) { try serde.decode(bytes) }
            #expect(error?.code == .decode)
        }
        expectDecodeError(.string, [0xFF])
        expectDecodeError(.string, [0xED, 0xA0, 0x80])
        for text: Bytes in ["", "x", "1.5", " 1", "1 ", "9223372036854775808", "0x10", [0xFF]] {
            expectDecodeError(.integer, text)
        }
        expectDecodeError(Serde<Double>.text, "1,5")
        expectDecodeError(Serde<UUID>.text, "00112233-4455-6677-8899")
        expectDecodeError(Serde<Int32>.bigEndian, [0, 0, 1])
        expectDecodeError(Serde<Int32>.bigEndian, [0, 0, 0, 0, 1])
        expectDecodeError(Serde<Double>.bigEndian, .empty)
    }

    @Test("null is refused unless the type is optional")
    func null() throws {
        let error = #expect(throws: FaustError.self) { try Serde<String>.string.decode(nil) }
        #expect(error?.message.contains("String?") == true)
        try check(Serde<String>.string.optional, nil, nil)
        try check(Serde<String>.string.optional, "", .empty)
        try check(Serde<Int32>.bigEndian.optional, 7, [0, 0, 0, 7])
    }

    @Test("a chain encodes from left to right and decodes from right to left")
    func chain() throws {
        let serde: Serde<String> = .raw | .reversed | .binary
        #expect(serde.name == "raw|reversed|binary")
        try check(serde, "abc", "Y2Jh")
        try check((.string | .binary | .reversed), "abc", "jJWY")
        try check(serde.optional, nil, nil)
        try check((Serde<String>.string.optional | .binary), nil, nil)
        #expect(throws: FaustError.self) { try serde.decode("IWI=") }
    }

    @Test("Base64 is that of RFC 4648", arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar", "\u{0}ÿ~"])
    func base64(text: String) throws {
        let codec = Base64Codec()
        let encoded = codec.encode(Bytes(text))
        #expect(String(encoded) == Data(text.utf8).base64EncodedString())
        #expect(try codec.decode(encoded) == Bytes(text))
    }

    @Test(
        "text that is not Base64 is refused",
        arguments: ["Z", "Zg", "Zg=", "Zg==Zg==", "Z===", "====", "Zm9v\n", "Zm9-", "Zm9ä", "=Zg=", "Zh==", "Zm9="]
    )
    func notBase64(text: String) {
        let error = #expect(throws: FaustError.self) { try Base64Codec().decode(Bytes(text)) }
        #expect(error?.code == .decode)
    }

    @Test("headers are written and read by a serde that wants them, also behind codecs and optionals")
    func headers() throws {
        let versioned = Serde<Int>(
            "versioned",
            encodeWithHeaders: { value, headers in
                headers["schema"] = "2"
                return Bytes("\(value * 2)")
            },
            decodeWithHeaders: { bytes, headers in
                let factor = headers["schema"] == "2" ? 2 : 1
                guard let bytes, let value = Int(String(bytes)) else { throw FaustError(.decode, "no number") }
                return value / factor
            }
        )
        var headers = Headers()
        #expect(try versioned.encode(21, headers: &headers) == "42")
        #expect(headers == ["schema": "2"])
        #expect(try versioned.decode("42", headers: headers) == 21)
        #expect(try versioned.decode("42") == 42)
        #expect(try (versioned | .reversed).decode("24", headers: headers) == 21)
        #expect(try versioned.optional.decode("42", headers: headers) == .some(21))
        #expect(try versioned.optional.decode(nil, headers: headers) == nil)
    }

    @Test("headers can be added to any serde, and are not decoded for one that does not look at them")
    func preparedHeaders() throws {
        let serde = Serde<String>.string
            .preparingHeaders { value, headers in headers["length"] = Bytes("\(value.count)") }
        var headers: Headers = ["a": "b"]
        #expect(try serde.encode("four", headers: &headers) == "four")
        #expect(headers == ["a": "b", "length": "4"])
        var evaluated = false
        func evaluate() -> Headers {
            evaluated = true
            return Headers()
        }
        #expect(try serde.decode("four", headers: evaluate()) == "four")
        #expect(!evaluated)
    }
}

@Suite struct CodecRegistryTests {
    @Test("finds codecs by name in any case, its own and those registered")
    func lookup() throws {
        var codecs = CodecRegistry()
        #expect(codecs.names == ["base64", "binary"])
        codecs.register(ReversingCodec())
        codecs.register(ReversingCodec(), as: "Backwards")
        #expect(codecs.names == ["backwards", "base64", "binary", "reversed"])
        for name in ["backwards", "BACKWARDS", "reversed"] {
            #expect(try codecs.codec(named: name).encode("ab") == "ba")
        }
    }

    @Test("lists what it knows when asked for something else")
    func unknown() {
        let error = #expect(throws: FaustError.self) { try CodecRegistry().codec(named: "gzip") }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("base64, binary") == true)
    }

    @Test("one registry does not change another")
    func separate() throws {
        let first = CodecRegistry()
        var second = first
        second.register(ReversingCodec())
        #expect(throws: FaustError.self) { try first.codec(named: "reversed") }
        #expect(throws: Never.self) { try second.codec(named: "reversed") }
    }
}
