// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Testing

@Suite("What @Record generates")
struct RecordExpansionTests {
    @Test("a public struct: direct code for each field")
    func structure() {
        expectExpansion(
            of: """
                @Record
                public struct Order {
                    public var accountID: String
                    var amount: Int = 1
                    let note: String?
                }
                """,
            #"""
            public struct Order {
                public var accountID: String
                var amount: Int = 1
                let note: String?

                public init(accountID: String, amount: Int = 1, note: String? = nil) {
                    self.accountID = accountID
                    self.amount = amount
                    self.note = note
                }

                public init(from reader: inout JSONReader) throws(JSONError) {
                    var _accountID: String?
                    var _amount: Int?
                    var _note: String?
                    try reader.beginObject()
                    fields: while true {
                        switch try reader.nextField(of: _RecordStorage.fields) {
                        case 0:
                            _accountID = try String(from: &reader)
                        case 1:
                            if try !reader.readNull() {
                                _amount = try Int(from: &reader)
                            }
                        case 2:
                            _note = try reader.readNull() ? nil : String(from: &reader)
                        default:
                            break fields
                        }
                    }
                    self.accountID = try RecordSupport.require(_accountID, "account_id", in: reader)
                    self.note = _note
                    if let _amount {
                        self.amount = _amount
                    }
                }

                public func encode(to writer: inout JSONWriter) throws(JSONError) {
                    writer.beginObject()
                    writer.field("\"account_id\":")
                    try self.accountID.encode(to: &writer)
                    writer.field("\"amount\":")
                    try self.amount.encode(to: &writer)
                    writer.field("\"note\":")
                    try self.note.encode(to: &writer)
                    writer.endObject()
                }

                public static var namespace: String {
                    "Order"
                }

                public static var shape: RecordShape {
                    .structure([
                        RecordField(name: "accountID", inputName: "account_id", outputName: "account_id", type: (String).self, typeName: "String", isRequired: true),
                        RecordField(name: "amount", inputName: "amount", outputName: "amount", type: (Int).self, typeName: "Int", isRequired: false, defaultText: "1", defaultJSON: "1"),
                        RecordField(name: "note", inputName: "note", outputName: "note", type: (String?).self, typeName: "String?", isRequired: false),
                    ])
                }

                private enum _RecordStorage {
                    static let fields = JSONFieldTable(["account_id", "amount", "note"])
                }
            }

            extension Order: Record {
            }
            """#
        )
    }

    @Test("options: date, coercion, rules, metadata, names")
    func options() {
        expectExpansion(
            of: """
                @Record(namespace: "shop.Sale", includeMetadata: true, coerce: true, validation: true)
                struct Sale {
                    @Field(date: .epochSeconds) var at: Date?
                    @Field("n", range: 0...9) var count: Int
                    @Field(exclude: true, pattern: "a+") var code: Secret<String>
                    init() {}
                }
                """,
            #"""
            struct Sale {
                var at: Date?
                var count: Int
                var code: Secret<String>
                init() {}

                init(from reader: inout JSONReader) throws(JSONError) {
                    var _at: Date?
                    var _count: Int?
                    var _code: Secret<String>?
                    try reader.beginObject()
                    fields: while true {
                        switch try reader.nextField(of: _RecordStorage.fields) {
                        case 0:
                            _at = try reader.readNull() ? nil : reader.readDate(.epochSeconds)
                        case 1:
                            _count = try reader.readCoercedInteger(as: Int.self)
                        case 2:
                            _code = try Secret<String>(from: &reader)
                        default:
                            break fields
                        }
                    }
                    self.at = _at
                    self.count = try RecordSupport.require(_count, "n", in: reader)
                    self.code = try RecordSupport.require(_code, "code", in: reader)
                    try RecordSupport.validate(self, in: reader)
                }

                func encode(to writer: inout JSONWriter) throws(JSONError) {
                    writer.beginObject()
                    writer.field("\"at\":")
                    if let value = self.at {
                        try writer.write(value, as: .epochSeconds)
                    } else {
                        writer.writeNull()
                    }
                    writer.field("\"n\":")
                    try self.count.encode(to: &writer)
                    writer.field("\"__faust\":{\"ns\":\"shop.Sale\"}")
                    writer.endObject()
                }

                static var namespace: String {
                    "shop.Sale"
                }

                static var shape: RecordShape {
                    .structure([
                        RecordField(name: "at", inputName: "at", outputName: "at", type: (Date?).self, typeName: "Date?", isRequired: false, date: .epochSeconds),
                        RecordField(name: "count", inputName: "n", outputName: "n", type: (Int).self, typeName: "Int", isRequired: true, rules: [.range(0 ... 9, "0...9")]),
                        RecordField(name: "code", inputName: "code", outputName: "code", type: (Secret<String>).self, typeName: "Secret<String>", isRequired: true, isExcluded: true, rules: [.pattern("a+")]),
                    ])
                }

                var validationErrors: [ValidationError] {
                    var validation = RecordValidation()
                    validation.check(self.count, "count", range: 0 ... 9, "0...9")
                    validation.check(self.code.reveal(), "code", pattern: _RecordStorage.pattern_code, "a+")
                    return validation.errors + self.additionalValidationErrors
                }

                private enum _RecordStorage {
                    static let fields = JSONFieldTable(["at", "n", "code"])
                    static let pattern_code = RecordPattern("a+")
                }
            }

            extension Sale: Record, NamespacedRecord {
            }
            """#
        )
    }

    @Test("a generic struct keeps its table beside it")
    func generic() {
        expectExpansion(
            of: """
                @Record
                struct Page<Item: JSONCodable> {
                    var items: [Item]
                }
                """,
            #"""
            struct Page<Item: JSONCodable> {
                var items: [Item]

                init(items: [Item]) {
                    self.items = items
                }

                init(from reader: inout JSONReader) throws(JSONError) {
                    var _items: [Item]?
                    try reader.beginObject()
                    fields: while true {
                        switch try reader.nextField(of: _RecordStoragePage.fields) {
                        case 0:
                            _items = try [Item](from: &reader)
                        default:
                            break fields
                        }
                    }
                    self.items = try RecordSupport.require(_items, "items", in: reader)
                }

                func encode(to writer: inout JSONWriter) throws(JSONError) {
                    writer.beginObject()
                    writer.field("\"items\":")
                    try self.items.encode(to: &writer)
                    writer.endObject()
                }

                static var namespace: String {
                    "Page"
                }

                static var shape: RecordShape {
                    .structure([
                        RecordField(name: "items", inputName: "items", outputName: "items", type: ([Item]).self, typeName: "[Item]", isRequired: true),
                    ])
                }

                var validationErrors: [ValidationError] {
                    var validation = RecordValidation()
                    validation.check(anything: self.items, "items")
                    return validation.errors + self.additionalValidationErrors
                }
            }

            fileprivate enum _RecordStoragePage {
                static let fields = JSONFieldTable(["items"])
            }

            extension Page: Record {
            }
            """#
        )
    }

    @Test("an enum with values")
    func enumeration() {
        expectExpansion(
            of: """
                @Record
                enum Payment {
                    case cash
                    case card(number: String)
                    case split(Int, Int)
                }
                """,
            #"""
            enum Payment {
                case cash
                case card(number: String)
                case split(Int, Int)

                init(from reader: inout JSONReader) throws(JSONError) {
                    if reader.peek == .string {
                        let start = reader.position
                        let name = try reader.readString()
                        switch name {
                        case "cash":
                            self = .cash
                        default:
                            throw RecordSupport.unknownCase(name, of: "Payment", at: start, in: reader)
                        }
                        return
                    }
                    var found: Self?
                    try reader.beginObject()
                    cases: while true {
                        let index = try reader.nextField(of: _RecordStorage.cases)
                        if index < 0 {
                            break cases
                        }
                        if case .some = found {
                            throw RecordSupport.severalCases(of: "Payment", in: reader)
                        }
                        switch index {
                        case 0:
                            var _number: String?
                            try reader.beginObject()
                            fields: while true {
                                switch try reader.nextField(of: _RecordStorage.fields_card) {
                                case 0:
                                    _number = try String(from: &reader)
                                default:
                                    break fields
                                }
                            }
                            found = .card(number: try RecordSupport.require(_number, "number", in: reader))
                        case 1:
                            try reader.beginArray()
                            try RecordSupport.nextElement(0, of: 2, from: &reader)
                            let _0 = try Int(from: &reader)
                            try RecordSupport.nextElement(1, of: 2, from: &reader)
                            let _1 = try Int(from: &reader)
                            try RecordSupport.endArray(of: 2, from: &reader)
                            found = .split(_0, _1)
                        default:
                            break cases
                        }
                    }
                    guard let found else {
                        throw RecordSupport.noCase(of: "Payment", in: reader)
                    }
                    self = found
                }

                func encode(to writer: inout JSONWriter) throws(JSONError) {
                    switch self {
                    case .cash:
                        try "cash".encode(to: &writer)
                    case .card(let _0):
                        writer.beginObject()
                        writer.field("\"card\":")
                        writer.beginObject()
                        writer.field("\"number\":")
                        try _0.encode(to: &writer)
                        writer.endObject()
                        writer.endObject()
                    case .split(let _0, let _1):
                        writer.beginObject()
                        writer.field("\"split\":")
                        writer.beginArray()
                        writer.element()
                        try _0.encode(to: &writer)
                        writer.element()
                        try _1.encode(to: &writer)
                        writer.endArray()
                        writer.endObject()
                    }
                }

                static var namespace: String {
                    "Payment"
                }

                static var shape: RecordShape {
                    .cases([
                        RecordCase(name: "cash", wireName: "cash", form: .none, fields: []),
                        RecordCase(name: "card", wireName: "card", form: .labelled, fields: [RecordField(name: "number", inputName: "number", outputName: "number", type: (String).self, typeName: "String", isRequired: true)]),
                        RecordCase(name: "split", wireName: "split", form: .list, fields: [RecordField(name: "0", inputName: "0", outputName: "0", type: (Int).self, typeName: "Int", isRequired: true), RecordField(name: "1", inputName: "1", outputName: "1", type: (Int).self, typeName: "Int", isRequired: true)]),
                    ])
                }

                private enum _RecordStorage {
                    static let cases = JSONFieldTable(["card", "split"])
                    static let fields_card = JSONFieldTable(["number"])
                }
            }

            extension Payment: Record {
            }
            """#
        )
    }

    @Test("a polymorphic enum")
    func polymorphic() {
        expectExpansion(
            of: """
                @Record(polymorphic: true)
                package enum Payment {
                    case card(Card)
                    case cash(Cash)
                }
                """,
            #"""
            package enum Payment {
                case card(Card)
                case cash(Cash)

                package init(from reader: inout JSONReader) throws(JSONError) {
                    let namespace = try RecordSupport.namespace(ahead: &reader)
                    switch namespace {
                    case Card.namespace:
                        self = .card(try Card(from: &reader))
                    case Cash.namespace:
                        self = .cash(try Cash(from: &reader))
                    default:
                        throw RecordSupport.unknownNamespace(namespace, expected: [Card.namespace, Cash.namespace], in: reader)
                    }
                }

                package func encode(to writer: inout JSONWriter) throws(JSONError) {
                    switch self {
                    case .card(let _0):
                        try RecordSupport.writeNamespaced(_0, to: &writer)
                    case .cash(let _0):
                        try RecordSupport.writeNamespaced(_0, to: &writer)
                    }
                }

                package static var namespace: String {
                    "Payment"
                }

                package static var shape: RecordShape {
                    .oneOf([
                        Card.self,
                        Cash.self,
                    ])
                }

                package var validationErrors: [ValidationError] {
                    var validation = RecordValidation()
                    switch self {
                    case .card(let _0):
                        validation.check(_0, "card")
                    case .cash(let _0):
                        validation.check(_0, "cash")
                    }
                    return validation.errors + self.additionalValidationErrors
                }
            }

            extension Payment: Record {
            }
            """#
        )
    }
}
