// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Testing

/// A type that is nothing but `Codable`.
private struct PlainPayment: Codable, Equatable {
    var id: Int
    var note: String?
}

@Suite struct CodableSerdeTests {
    private func check<Value: Equatable>(_ value: Value, through serde: Serde<Value>, gives bytes: Bytes?) throws {
        #expect(try serde.encode(value) == bytes)
        #expect(try serde.decode(bytes) == value)
    }

    @Test("a type that is only Codable is JSON as a key and as a value")
    func json() throws {
        let payment = PlainPayment(id: 1, note: nil)
        try check(payment, through: .json, gives: #"{"id":1}"#)
        try check(payment, through: .keyDefault, gives: #"{"id":1}"#)
        try check(payment, through: .valueDefault, gives: #"{"id":1}"#)
        try check(payment, through: .json | .binary, gives: "eyJpZCI6MX0=")
        try check(payment, through: .named("json|binary"), gives: "eyJpZCI6MX0=")
        try check(payment, through: .valueDefault("raw|binary", in: CodecRegistry()), gives: "eyJpZCI6MX0=")
        #expect(throws: FaustError.self) { try Serde<PlainPayment>.named("raw") }
    }

    @Test("nil is a tombstone, and both null and the text null are read as nil")
    func tombstones() throws {
        try check(PlainPayment?.none, through: .valueDefault, gives: nil)
        try check(PlainPayment(id: 3) as PlainPayment?, through: .valueDefault, gives: #"{"id":3}"#)
        #expect(try Serde<PlainPayment?>.valueDefault.decode("null") == nil)
        #expect(throws: (any Error).self) { try Serde<PlainPayment>.valueDefault.decode(nil) }
        #expect(throws: (any Error).self) { try Serde<PlainPayment>.valueDefault.decode("null") }
    }

    @Test("a schema takes the type like any other")
    func schema() throws {
        let schema = Schema(key: String.self, value: PlainPayment.self)
        #expect(try schema.decodeValue(#"{"id":1,"note":"n"}"#) == PlainPayment(id: 1, note: "n"))
        #expect(try Schema(value: PlainPayment.self).decodeValue(#"{"id":1}"#) == PlainPayment(id: 1))
        let error = #expect(throws: FaustError.self) { try schema.decodeValue("{}") }
        #expect(error?.code == .decode && error?.message.contains("json of PlainPayment") == true)
    }
}
