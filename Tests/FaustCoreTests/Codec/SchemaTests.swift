// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Foundation
import Testing

/// What `@Record` would make of a type with one field.
private struct SoldItem: JSONDecodable, JSONEncodable, Equatable {
    var id: Int

    private static let fields = JSONFieldTable(["id"])

    init(id: Int) {
        self.id = id
    }

    init(from reader: inout JSONReader) throws(JSONError) {
        try reader.beginObject()
        var id: Int?
        while try reader.nextField(of: Self.fields) >= 0 { id = try reader.readInteger(as: Int.self) }
        guard let id else { throw reader.fault(.missingField("id")) }
        self.id = id
    }

    func encode(to writer: inout JSONWriter) throws(JSONError) {
        writer.beginObject()
        writer.field("\"id\":")
        writer.write(id)
        writer.endObject()
    }
}

@Suite struct DefaultSerdeTests {
    private func check<Value: Equatable>(_ serde: Serde<Value>, _ value: Value, _ bytes: Bytes?) throws {
        #expect(try serde.encode(value) == bytes)
        #expect(try serde.decode(bytes) == value)
    }

    @Test("keys are plain where they can be, as Faust and Kafka's tools write them")
    func keys() throws {
        try check(.keyDefault, "alice", "alice")
        try check(.keyDefault, 42, "42")
        try check(.keyDefault, 1.5, "1.5")
        try check(.keyDefault, Bytes([255]), [255])
        try check(.keyDefault, [255] as [UInt8], [255])
        try check(.keyDefault, Data([255]), [255])
        try check(.keyDefault, ["a", "b"], #"["a","b"]"#)
        try check(.keyDefault, SoldItem(id: 1), #"{"id":1}"#)
        let uuid = try #require(UUID(uuidString: "00112233-4455-6677-8899-AABBCCDDEEFF"))
        try check(.keyDefault, uuid, "00112233-4455-6677-8899-aabbccddeeff")
        try check(.keyDefault, "alice" as String?, "alice")
        try check(.keyDefault, nil as String?, nil)
        try check(.keyDefault, 7 as Int?, "7")
    }

    @Test("values are JSON, and bytes are bytes")
    func values() throws {
        try check(.valueDefault, "alice", #""alice""#)
        try check(.valueDefault, 42, "42")
        try check(.valueDefault, SoldItem(id: 1), #"{"id":1}"#)
        try check(.valueDefault, [1, 2], "[1,2]")
        try check(.valueDefault, Bytes([255]), [255])
        try check(.valueDefault, [255] as [UInt8], [255])
        try check(.valueDefault, Data([255]), [255])
        try check(.valueDefault, Bytes([255]) as Bytes?, [255])
        try check(.valueDefault, nil as Bytes?, nil)
        try check(.valueDefault, Bytes.empty as Bytes?, .empty)
    }

    @Test("nil is a tombstone, not the text null, and both are read as nil")
    func tombstones() throws {
        try check(.valueDefault, nil as String?, nil)
        try check(.valueDefault, nil as SoldItem?, nil)
        try check(.valueDefault, SoldItem(id: 3) as SoldItem?, #"{"id":3}"#)
        #expect(try Serde<String?>.valueDefault.decode("null") == nil)
        #expect(try Serde<SoldItem?>.valueDefault.decode("null") == nil)
        // Four letters are not null.
        try check(.valueDefault, "null" as String?, #""null""#)
        #expect(throws: (any Error).self) { try Serde<SoldItem>.valueDefault.decode(nil) }
        #expect(throws: (any Error).self) { try Serde<SoldItem>.valueDefault.decode("null") }
        #expect(throws: (any Error).self) { try Serde<String>.valueDefault.decode(nil) }
    }

    @Test("a text names a form and codecs, blanks and case aside")
    func named() throws {
        try check(.named("json"), "a", #""a""#)
        try check(.named("raw"), "a", "a")
        try check(.named(" JSON | Binary "), "a", "ImEi")
        try check(.named("text|binary"), 12, "MTI=")
        try check(.named("raw"), 12, "12")
        try check(.named("integer"), 12, "12")
        try check(.named("big-endian"), 258, [0, 0, 0, 0, 0, 0, 1, 2])
        try check(.named("raw|base64"), nil as String?, nil)
        try check(.named("json|binary"), SoldItem(id: 1), "eyJpZCI6MX0=")
        #expect(try Serde<Int>.named("json|binary").name == "json|binary")
    }

    @Test(
        "a text that names nothing is refused with what there is",
        arguments: [
            ("", "json, raw"), ("yaml", "json, raw"), ("json|gzip", "base64, binary"), ("json|", "base64, binary"),
            ("binary", "json|binary"), ("big-endian", "only json, raw, text"), ("json|json", "base64, binary"),
        ]
    )
    func misnamed(chain: String, hint: String) {
        let error = #expect(throws: FaustError.self) { try Serde<String>.named(chain) }
        #expect(error?.code == .configuration)
        #expect(error.map { "\($0)".contains(hint) } == true, "\(String(describing: error))")
    }

    @Test("chains are written in place, whatever the type conforms to")
    func chainsInPlace() throws {
        func check<Value: Equatable>(_ value: Value, through serde: Serde<Value>, gives bytes: Bytes?) throws {
            try self.check(serde, value, bytes)
        }
        try check(SoldItem(id: 1), through: .json | .binary, gives: "eyJpZCI6MX0=")
        try check("a", through: .json | .reversed | .binary, gives: "ImEi")
        try check(7, through: .json | .reversed, gives: "7")
        try check(12, through: .text | .reversed, gives: "21")
        try check([1, 23], through: .json | .binary | .reversed, gives: "dNjMsEzW")
        try check(SoldItem?.none, through: .json | .binary, gives: nil)
        try check(SoldItem(id: 1), through: .json | .binary, gives: "eyJpZCI6MX0=")
    }

    @Test("text from the command line is checked and sent as it was typed")
    func textSerde() throws {
        let codecs = CodecRegistry()
        try check(codecs.textSerde("json"), #"{ "a" : 1.0 }"#, #"{ "a" : 1.0 }"#)
        try check(codecs.textSerde("json|binary"), "7", "Nw==")
        try check(codecs.textSerde("raw|base64"), "{", "ew==")
        try check(codecs.textSerde("binary"), "{", "ew==")
        #expect(throws: JSONError.self) { try codecs.textSerde("json").encode("{") }
        #expect(throws: JSONError.self) { try codecs.textSerde("json").decode("{} {}") }
        #expect(throws: FaustError.self) { try codecs.textSerde("json").decode(nil) }
        for chain in ["", "yaml", "big-endian", "json|zip"] {
            #expect(throws: FaustError.self) { try codecs.textSerde(chain) }
        }
    }

    @Test("the app's default holds where it fits the type, its codecs always")
    func appDefaults() throws {
        let codecs = CodecRegistry()
        try check(.valueDefault(nil, in: codecs), "a", #""a""#)
        try check(.valueDefault("json", in: codecs), Bytes([255]), [255])
        try check(.valueDefault("json|binary", in: codecs), Bytes([255]), "/w==")
        try check(.valueDefault("json|binary", in: codecs), 1, "MQ==")
        try check(.valueDefault("raw", in: codecs), "a", "a")
        try check(.valueDefault("raw", in: codecs), SoldItem(id: 1), #"{"id":1}"#)
        try check(.valueDefault("binary", in: codecs), 1, "MQ==")
        try check(.keyDefault("raw", in: codecs), 1, "1")
        try check(.keyDefault("json", in: codecs), "a", #""a""#)
        #expect(throws: FaustError.self) { try Serde<String>.valueDefault("yaml", in: codecs) }
    }
}

@Suite struct SchemaTests {
    private func message(key: Bytes?, value: Bytes?, headers: Headers = Headers()) -> Message {
        var bytes = Array(key ?? .empty) + Array(value ?? .empty)
        HeaderLayout.encode(headers, into: &bytes)
        let (keyCount, valueCount) = (key?.count ?? 0, value?.count ?? 0)
        let entry = MessageBatch.Entry(
            offset: 41,
            timestamp: 5,
            keyStart: 0,
            keyCount: key == nil ? -1 : Int32(keyCount),
            valueStart: Int32(keyCount),
            valueCount: value == nil ? -1 : Int32(valueCount),
            headersStart: Int32(keyCount + valueCount),
            headersCount: Int32(bytes.count - keyCount - valueCount)
        )
        let batch = MessageBatch(
            topicPartition: TopicPartition("orders", 3),
            epoch: 1,
            nextOffset: 42,
            storage: Bytes(bytes).storage,
            entries: [entry]
        )
        return batch[0]
    }

    @Test("types bring their own form")
    func types() throws {
        let schema = Schema(key: String.self, value: SoldItem.self)
        var headers = Headers()
        #expect(try schema.encodeKey("k", headers: &headers) == "k")
        #expect(try schema.encodeValue(SoldItem(id: 1), headers: &headers) == #"{"id":1}"#)
        let message = message(key: "k", value: #"{"id":1}"#)
        #expect(try schema.decodeKey(of: message) == "k")
        #expect(try schema.decodeValue(of: message) == SoldItem(id: 1))
        #expect(schema.key.name == "raw" && schema.value.name == "json")
    }

    @Test("without a type for the keys any key will do")
    func keysOfNoInterest() throws {
        let schema = Schema(value: Int.self)
        #expect(try schema.decodeKey(of: message(key: nil, value: "1")) == nil)
        #expect(try schema.decodeKey(of: message(key: [255], value: "1")) == [255])
    }

    @Test("serdes can be named in place of types, with codecs behind them")
    func serdes() throws {
        let schema = Schema(key: .integer, value: Serde<SoldItem>.json | .binary)
        #expect(try schema.decodeValue("eyJpZCI6MX0=") == SoldItem(id: 1))
        #expect(try schema.decodeKey("-3") == -3)
    }

    @Test("what can't be read is an error with the part, the serde, the type and the place")
    func decodeErrors() throws {
        let schema = Schema(key: Int.self, value: SoldItem.self)
        let broken = message(key: "x", value: "{")
        for (error, part) in [
            (#expect(throws: FaustError.self) { try schema.decodeKey(of: broken) }, "key can't be read as text of Int"),
            (
                #expect(throws: FaustError.self) { try schema.decodeValue(of: broken) },
                "value can't be read as json of SoldItem"
            ),
        ] {
            let error = try #require(error)
            #expect(error.code == .decode)
            #expect(error.message.contains(part))
            #expect(error.topicPartition == TopicPartition("orders", 3) && error.offset == 41)
            #expect(error.cause != nil && !error.isFatal && !error.isRetriable)
        }
        let null = try #require(
            #expect(throws: FaustError.self) { try schema.decodeValue(of: message(key: nil, value: nil)) }
        )
        #expect("\(null)".contains("SoldItem?"))
    }

    @Test("what can't be written is an error too")
    func encodeErrors() throws {
        let schema = Schema(
            key: .integer,
            value: Serde<Int>("refusing", encode: { _ in throw FaustError(.validation, "no") }, decode: { _ in 0 })
        )
        var headers = Headers()
        let error = #expect(throws: FaustError.self) { try schema.encodeValue(1, headers: &headers) }
        #expect(error?.code == .encode)
        #expect((error?.cause as? FaustError)?.code == .validation)
    }

    @Test("an envelope writes and reads the headers of its message")
    func envelope() throws {
        let schema = Schema(
            key: .string,
            value: Serde<String>(
                "versioned",
                encodeWithHeaders: { value, headers in
                    headers["version"] = "2"
                    return Bytes(value.uppercased())
                },
                decodeWithHeaders: { bytes, headers in
                    String(bytes ?? .empty) + String(headers["version"] ?? "none")
                }
            )
        )
        var headers: Headers = ["trace": "t"]
        let bytes = try schema.encodeValue("hi", headers: &headers)
        #expect(headers == ["trace": "t", "version": "2"])
        #expect(try schema.decodeValue(of: message(key: nil, value: bytes, headers: headers)) == "HI2")
        #expect(try schema.decodeValue(bytes) == "HInone")
    }
}
