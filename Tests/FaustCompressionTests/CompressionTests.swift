// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCompression
import FaustCore
import Foundation
import Testing

#if Compression
@Suite struct CompressionTests {
    static let codecs: [any Codec] = [
        GzipCodec(), GzipCodec(level: 0), GzipCodec(level: 9), ZstdCodec(), ZstdCodec(level: 19),
    ]

    /// Incompressible bytes, the same in every run.
    static func noise(_ count: Int) -> Bytes {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        return Bytes(
            (0..<count)
                .map { _ in
                    state ^= state << 13
                    state ^= state >> 7
                    state ^= state << 17
                    return UInt8(truncatingIfNeeded: state)
                }
        )
    }

    @Test("what was compressed comes back, whatever its size", arguments: codecs)
    func roundTrip(codec: any Codec) throws {
        for count in [0, 1, 2, 255, 256, 1_023, 65_536, 300_000, 3_000_001] {
            let noise = Self.noise(count)
            #expect(try codec.decode(codec.encode(noise)) == noise)
            let zeros = Bytes(repeatElement(0 as UInt8, count: count))
            #expect(try codec.decode(codec.encode(zeros)) == zeros)
        }
    }

    @Test("text becomes smaller")
    func smaller() throws {
        let text = Bytes(String(repeating: #"{"account_id":"a-17","amount":3,"price":9.5}"#, count: 100))
        #expect(try GzipCodec().encode(text).count < text.count / 20)
        #expect(try ZstdCodec().encode(text).count < text.count / 20)
    }

    /// Written by the commands `gzip -n` and `zstd`; the second of each is two files joined.
    static let files: [(codec: any Codec, base64: String, text: String)] = [
        (GzipCodec(), "H4sIAAAAAAAAA8tIzcnJV8hAJ7kAAIhZCxgAAAA=", "hello hello hello hello\n"),
        (
            GzipCodec(),
            "H4sIAAAAAAAAA8tIzcnJV8hAJ7kAAIhZCxgAAAAfiwgAAAAAAAADK05Nzs9L4QIAfsAPBgcAAAA=",
            "hello hello hello hello\nsecond\n"
        ),
        (ZstdCodec(), "KLUv/SQYbQAAOGhlbGxvIAoBAJlLEah8Lqg=", "hello hello hello hello\n"),
        (
            ZstdCodec(), "KLUv/SQYbQAAOGhlbGxvIAoBAJlLEah8LqgotS/9BFg5AABzZWNvbmQKFkBMVQ==",
            "hello hello hello hello\nsecond\n"
        ),
    ]

    @Test("reads what the command-line tools write", arguments: files)
    func toolsWrite(codec: any Codec, base64: String, text: String) throws {
        let file = try Base64Codec().decode(Bytes(base64))
        #expect(try String(codec.decode(file)) == text)
    }

    @Test("gunzip reads what is written")
    func gunzipReads() throws {
        let text = "a line\n" + String(repeating: "another line\n", count: 500)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(GzipCodec().encode(Bytes(text))))
        try input.fileHandleForWriting.close()
        let result = try output.fileHandleForReading.readToEnd()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(result.map { String(decoding: $0, as: UTF8.self) } == text)
    }

    @Test("every cut is refused, at each position of the data", arguments: codecs)
    func cutOff(codec: any Codec) throws {
        let whole = try codec.encode(Bytes("hello hello hello hello, and so on"))
        for count in 0..<whole.count {
            let error = #expect(throws: FaustError.self) { try codec.decode(whole[0..<count]) }
            #expect(error?.code == .decode)
            #expect(error?.message.hasPrefix(codec.name) == true)
        }
    }

    @Test("damage never traps and never gives other data", arguments: codecs)
    func damaged(codec: any Codec) throws {
        let text = Bytes("hello hello hello hello, and so on")
        let whole = [UInt8](try codec.encode(text))
        for position in whole.indices {
            for bit in 0..<8 {
                var copy = whole
                copy[position] ^= 1 << UInt8(bit)
                // Some bits of a header mean nothing; a change elsewhere is caught by the checksum.
                if let decoded = try? codec.decode(Bytes(copy)) { #expect(decoded == text) }
            }
        }
    }

    @Test("garbage is refused", arguments: codecs)
    func garbage(codec: any Codec) {
        for bytes in [
            Bytes("{}"), Bytes([0]), Self.noise(1_000), Bytes([0x1f, 0x8b]), Bytes([0x28, 0xb5, 0x2f, 0xfd]),
        ] {
            let error = #expect(throws: FaustError.self) { try codec.decode(bytes) }
            #expect(error?.code == .decode)
        }
    }

    @Test("garbage behind the data is refused", arguments: codecs)
    func trailingGarbage(codec: any Codec) throws {
        let whole = try codec.encode("hello")
        #expect(throws: FaustError.self) { try codec.decode(Bytes(Array(whole) + [7, 7, 7])) }
    }

    @Test("output ends at the limit and not before")
    func bombs() throws {
        let zeros = Bytes(repeatElement(0 as UInt8, count: 1_000_000))
        for (exact, tight) in [
            (
                GzipCodec(maximumDecodedByteCount: 1_000_000) as any Codec,
                GzipCodec(maximumDecodedByteCount: 999_999) as any Codec
            ),
            (ZstdCodec(maximumDecodedByteCount: 1_000_000), ZstdCodec(maximumDecodedByteCount: 999_999)),
        ] {
            let bomb = try exact.encode(zeros)
            #expect(try exact.decode(bomb).count == 1_000_000)
            let error = #expect(throws: FaustError.self) { try tight.decode(bomb) }
            #expect(error?.code == .decode)
            #expect(error?.message.contains("more than 999999 bytes") == true)
        }
    }

    @Test("a limit of 0 lets nothing but nothing through")
    func noOutput() throws {
        for codec in [GzipCodec(maximumDecodedByteCount: 0) as any Codec, ZstdCodec(maximumDecodedByteCount: 0)] {
            #expect(try codec.decode(codec.encode(.empty)).isEmpty)
            #expect(throws: FaustError.self) { try codec.decode(codec.encode("x")) }
        }
    }

    @Test("stands behind a serde in code and by name")
    func chained() throws {
        let serde: Serde<String> = .raw | .gzip | .binary
        let bytes = try #require(try serde.encode("hello"))
        #expect(serde.name == "raw|gzip|binary")
        #expect(String(bytes).hasPrefix("H4sI"))
        #expect(try serde.decode(bytes) == "hello")

        var codecs = CodecRegistry()
        codecs.registerCompression(maximumDecodedByteCount: 1_000)
        let named = try Serde<String>.named("raw|zstd", in: codecs)
        #expect(try named.decode(named.encode("hello")) == "hello")
        let long = try named.encode(String(repeating: "x", count: 1_001))
        #expect(throws: FaustError.self) { try named.decode(long) }
    }
}
#else
@Suite struct CompressionTests {
    @Test("without the library both directions say what is missing")
    func unavailable() {
        for codec in [GzipCodec() as any Codec, ZstdCodec()] {
            for direction in [codec.encode, codec.decode] {
                let error = #expect(throws: FaustError.self) { try direction("x") }
                #expect(error?.code == .configuration)
                #expect(error?.message.contains("Compression") == true)
            }
        }
    }
}
#endif
