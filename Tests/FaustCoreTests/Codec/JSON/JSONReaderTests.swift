// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Testing

/// A record as `@Record` would write it, by hand.
struct PlainOrder: JSONDecodable, JSONEncodable, Hashable, Codable {
    var id: String
    var amount: Int
    var price: Double
    var note: String?
    var items: [Item] = []

    struct Item: JSONDecodable, JSONEncodable, Hashable, Codable {
        var name: String
        var size: Int8

        private static let fields = JSONFieldTable(["name", "size"])

        init(name: String, size: Int8) {
            self.name = name
            self.size = size
        }

        init(from reader: inout JSONReader) throws(JSONError) {
            var name: String?
            var size: Int8?
            try reader.beginObject()
            loop: while true {
                switch try reader.nextField(of: Self.fields) {
                case 0: name = try reader.readString()
                case 1: size = try reader.readInteger(as: Int8.self)
                default: break loop
                }
            }
            guard let name else { throw reader.fault(.missingField("name")) }
            guard let size else { throw reader.fault(.missingField("size")) }
            guard size >= 0 else { throw reader.fault(.invalidValue("a size is not negative"), field: "size") }
            (self.name, self.size) = (name, size)
        }

        func encode(to writer: inout JSONWriter) throws(JSONError) {
            writer.beginObject()
            writer.field("\"name\":")
            writer.write(name)
            writer.field("\"size\":")
            writer.write(size)
            writer.endObject()
        }
    }

    private static let fields = JSONFieldTable(["id", "n", "p", "note", "items"])

    private enum CodingKeys: String, CodingKey {
        case id
        case amount = "n"
        case price = "p"
        case note
        case items
    }

    init(id: String, amount: Int, price: Double, note: String? = nil, items: [Item] = []) {
        (self.id, self.amount, self.price, self.note, self.items) = (id, amount, price, note, items)
    }

    init(from reader: inout JSONReader) throws(JSONError) {
        var (id, amount, price, note): (String?, Int?, Double?, String?)
        var items: [Item] = []
        try reader.beginObject()
        loop: while true {
            switch try reader.nextField(of: Self.fields) {
            case 0: id = try reader.readString()
            case 1: amount = try reader.readInteger(as: Int.self)
            case 2: price = try reader.readDouble()
            case 3: note = try String?(from: &reader)
            case 4: items = try [Item](from: &reader)
            default: break loop
            }
        }
        guard let id else { throw reader.fault(.missingField("id")) }
        guard let amount else { throw reader.fault(.missingField("n")) }
        guard let price else { throw reader.fault(.missingField("p")) }
        self.init(id: id, amount: amount, price: price, note: note, items: items)
    }

    func encode(to writer: inout JSONWriter) throws(JSONError) {
        writer.beginObject()
        writer.field("\"id\":")
        writer.write(id)
        writer.field("\"n\":")
        writer.write(amount)
        writer.field("\"p\":")
        try writer.write(price)
        writer.field("\"note\":")
        try note.encode(to: &writer)
        writer.field("\"items\":")
        try items.encode(to: &writer)
        writer.endObject()
    }
}

@Suite("Reading records from JSON")
struct JSONReaderTests {
    private let order = PlainOrder(id: "a", amount: 97, price: 6.31, note: "é\n", items: [.init(name: "x", size: 1)])

    @Test("fields are found in any order, among unknown ones, with white space and escaped names")
    func fieldOrder() throws {
        let texts: [Bytes] = [
            #"{"id":"a","n":97,"p":6.31,"note":"é\n","items":[{"name":"x","size":1}]}"#,
            #"{"items":[{"size":1,"name":"x"}],"note":"é\n","p":6.31,"n":97,"id":"a"}"#,
            #"{"?":{"id":[1,{"a":"}"}]},"id":"a","n":97,"":null,"p":6.31,"note":"é\n","items":[{"name":"x","size":1,"z":0}],"q":0}"#,
            #"{ "id" : "a" , "n" : 97 , "p" : 6.31 , "note" : "\u00e9\n" , "items" : [ { "name" : "x" , "size" : 1 } ] }"#,
            #"{"\u0069d":"a","\u006e":97,"p":6.31,"n\u006Fte":"é\n","items":[{"name":"x","size":1}]}"#,
            #"{"id":"a","n":97.0,"p":631e-2,"note":"é\n","items":[{"name":"x","size":1}]}"#,
        ]
        for text in texts {
            #expect(try JSON.decode(PlainOrder.self, from: text) == order)
        }
    }

    @Test("names that begin alike, or end with the input, are told apart")
    func similarNames() throws {
        #expect(try JSON.decode([String: Int].self, from: #"{"n":1}"#) == ["n": 1])
        let error = #expect(throws: JSONError.self) {
            try JSON.decode(PlainOrder.self, from: #"{"idx":"a","nn":1,"pp":2}"#)
        }
        #expect(error?.reason == .missingField("id"))
    }

    @Test(
        "errors name the path and the byte offset",
        arguments: [
            (#"{"id":1,"n":1,"p":1}"#, "$.id", 6, JSONError.Reason.typeMismatch(expected: "a string", found: .number)),
            (#"{"id":"a","n":1.5,"p":1}"#, "$.n", 14, .outOfRange("Int")),
            (#"{"id":"a","n":1,"p":"x"}"#, "$.p", 20, .typeMismatch(expected: "a number", found: .string)),
            (#"{"id":"a","n":1}"#, "$", 16, .missingField("p")),
            (
                #"{"id":"a","n":1,"p":1,"items":[{"name":"x","size":1},{"name":"y","size":300}]}"#, "$.items[1].size",
                72, .outOfRange("Int8")
            ),
            (
                #"{"id":"a","n":1,"p":1,"items":[{"name":"x","size":1},{"size":3}]}"#, "$.items[1]", 63,
                .missingField("name")
            ),
            (
                #"{"id":"a","n":1,"p":1,"items":[{"name":"x","size":-1}]}"#, "$.items[0].size", 53,
                .invalidValue("a size is not negative")
            ),
            (
                #"{"id":"a","n":1,"p":1,"items":[1]}"#, "$.items[0]", 31,
                .typeMismatch(expected: "an object", found: .number)
            ),
            (#"{"odd key":{"b":[0,{"c":tru}]}}"#, #"$["odd key"].b[1].c"#, 27, .unexpectedByte(0x7D, expected: "true")),
            (#"{"id":"a\x"}"#, "$.id", 8, .invalidEscape),
            (#"{"id":"a"} x"#, "$", 11, .trailingBytes),
            (#"{"id":"a" "n":1}"#, "$.id", 10, .unexpectedByte(0x22, expected: "',' or '}'")),
            (#"{"id":"a""#, "$.id", 9, .unexpectedEnd),
            (#"[]"#, "$", 0, .typeMismatch(expected: "an object", found: .array)),
            ("", "$", 0, .unexpectedEnd),
        ]
    )
    func errorPlaces(text: String, path: String, offset: Int, reason: JSONError.Reason) {
        let error = #expect(throws: JSONError.self) { try JSON.decode(PlainOrder.self, from: Bytes(text)) }
        // What comes after a whole object is trailing only once all fields are there.
        if case .trailingBytes = reason { return }
        #expect(error?.reason == reason)
        #expect(error?.path == path)
        #expect(error?.byteOffset == offset)
    }

    @Test("an error says in one line what is wrong and where")
    func errorDescription() throws {
        let error = try #require(throws: JSONError.self) {
            try JSON.decode([String: [Int]].self, from: #"{"a":[1,"x"]}"#)
        }
        #expect("\(error)" == "$.a[1]: a string where a number was expected (at byte 8)")
        let trailing = try #require(throws: JSONError.self) { try JSON.decode(Int.self, from: "1 x") }
        #expect(trailing.reason == .trailingBytes)
        #expect(trailing.byteOffset == 2)
    }

    @Test("a reader can look ahead and come back")
    func lookAhead() throws {
        #expect(
            try JSON.decode([Tagged].self, from: #"[{"v":[1,{"k":2}],"k":"int"},{"k":"none"}, {}]"#).map(\.tag) == [
                "int", "none", nil,
            ]
        )
        // Going back must not lose count of the depth.
        let deep = String(repeating: #"{"v":"#, count: 511) + #"{"k":"x"}"# + String(repeating: "}", count: 511)
        #expect(try JSON.decode(Tagged.self, from: Bytes(deep)).depth == 512)
    }

    @Test("going to a place outside the input is harmless")
    func positions() throws {
        struct Jumper: JSONDecodable {
            init(from reader: inout JSONReader) throws(JSONError) {
                for position in [-1, Int.min, Int.max, 0, 3, 1000, 2, 0] { reader.position = position }
                try reader.skipValue()
            }
        }
        _ = try JSON.decode(Jumper.self, from: #"[{"a":[1]},"]"]"#)
        #expect(throws: JSONError.self) { try JSON.decode(Jumper.self, from: "[") }
    }

    @Test("raw values are the bytes of the value without the white space around it")
    func rawValue() throws {
        let text: Bytes = #"  [1, {"a" : "]"} ]  "#
        let skipped = try JSON.decode(Skipped.self, from: text)
        #expect(String(text[skipped.range]) == #"[1, {"a" : "]"} ]"#)
    }

    @Test("methods called at the wrong moment fail without reading outside the input")
    func misuse() {
        struct Confused: JSONDecodable {
            init(from reader: inout JSONReader) throws(JSONError) {
                _ = try? reader.nextElement()
                _ = try? reader.nextKey()
                _ = try? reader.nextField(of: JSONFieldTable(["a"]))
                _ = try? reader.beginObject()
                _ = try? reader.readInteger(as: Int.self)
                _ = try? reader.nextElement()
                _ = try? reader.nextKey()
                _ = try? reader.nextKey()
                _ = try? reader.readDecimal()
                try reader.skipValue()
            }
        }
        for text in ["", "}", "]]]", "{", "[1", "{}", #"{"a"#, "1}", ",,", #""\"#] as [Bytes] {
            #expect(throws: JSONError.self) { try JSON.decode(Confused.self, from: text) }
        }
    }

    @Test("a table of more than 256 fields finds them all")
    func manyFields() throws {
        let names = (0..<300).map { "field_\($0)" }
        struct Many: JSONDecodable {
            var found: [Int] = []
            init(from reader: inout JSONReader) throws(JSONError) {
                let table = JSONFieldTable((0..<300).map { "field_\($0)" })
                try reader.beginObject()
                while true {
                    let index = try reader.nextField(of: table)
                    if index < 0 { break }
                    found.append(try reader.readInteger())
                    if found.last != index { throw reader.fault(.invalidValue("another field")) }
                }
            }
        }
        let text = "{" + names.enumerated().map { "\"\($1)\":\($0)" }.joined(separator: ",") + "}"
        #expect(try JSON.decode(Many.self, from: Bytes(text)).found == Array(0..<300))
        let reversed = "{" + names.enumerated().reversed().map { "\"\($1)\":\($0)" }.joined(separator: ",") + "}"
        #expect(try JSON.decode(Many.self, from: Bytes(reversed)).found == Array(0..<300).reversed())
    }

    @Test("names with quotes, control characters and no characters are found")
    func unusualNames() throws {
        struct Unusual: JSONDecodable {
            var found: [Int] = []
            init(from reader: inout JSONReader) throws(JSONError) {
                let table = JSONFieldTable(["a\":1,\"b", "", "é", "new\nline", "\\"])
                try reader.beginObject()
                while true {
                    let index = try reader.nextField(of: table)
                    if index < 0 { break }
                    found.append(index)
                    try reader.skipValue()
                }
            }
        }
        let text: Bytes = #"{"a":1,"b":2,"a\":1,\"b":3,"":4,"\u00e9":5,"new\u000aline":6,"\\":7,"é":8}"#
        #expect(try JSON.decode(Unusual.self, from: text).found == [0, 1, 2, 3, 4, 2])
    }
}

/// Looks for the field `k` of an object before reading it, at every level.
private struct Tagged: JSONDecodable {
    var tag: String?
    var depth = 0

    init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.position
        if reader.peek == .object {
            try reader.beginObject()
            while let key = try reader.nextKey() {
                if key == "k" && reader.peek == .string {
                    tag = try reader.readString()
                    break
                }
                try reader.skipValue()
            }
        }
        reader.position = start
        guard reader.peek == .object else {
            try reader.skipValue()
            return
        }
        try reader.beginObject()
        depth = 1
        while let key = try reader.nextKey() {
            if key == "v" && reader.peek == .object {
                depth = 1 + (try Tagged(from: &reader)).depth
            } else {
                try reader.skipValue()
            }
        }
    }
}
