// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore
import Foundation

/// The models of the tests in this folder, and the tests.
///
/// Macros that add extensions can't be used inside functions.
enum RecordTests {
    @Record
    struct Order: Hashable {
        var accountID: String
        var productURL2: String
        var amount: Int = 1
        var price: Double
        var note: String?
    }

    @Record
    struct Basket: Equatable {
        var id: UUID
        var orders: [Order]
        var byProduct: [String: Order]
        var tags: Set<String> = []
        var first: Order?
        var matrix: [[Int?]] = []
        var counts: [Int: Double] = [:]
    }

    @Record
    struct Moments: Equatable {
        var iso: Date
        @Field(date: .epochSeconds) var seconds: Date
        @Field(date: .epochMilliseconds) var milliseconds: Date?
        var amount: Decimal
        var blob: Data
    }

    @Record(naming: .camelCase)
    struct CamelNames: Equatable {
        var accountID: String
        var user_name: String
    }

    @Record(naming: .asWritten)
    struct PlainNames: Equatable {
        var accountID: String
        var user_name: String
        var `default`: Int
    }

    @Record
    struct FieldNames: Equatable {
        @Field("acct") var account: String
        @Field(inputName: "in_only") var input: Int
        @Field(inputName: "from", outputName: "to") var both: Int
        @Field(outputName: "out") var output: Int
        @Field("caf\u{E9} \"x\"\\") var odd: Int
        @Field(exclude: true) var hidden: Int = 7
        @Field(exclude: true) let version: Int = 2
    }

    @Record(coerce: true)
    struct Coerced: Equatable {
        var count: Int
        var small: UInt8?
        var ratio: Double
        var flag: Bool
        var text: String = "none"
        var price: Decimal
    }

    @Record
    struct PartlyCoerced: Equatable {
        @Field(coerce: true) var loose: Int
        var strict: Int
    }

    @Record
    struct Page<Item: JSONCodable> {
        var items: [Item]
        var next: Int?
    }

    @Record
    struct Tree: Equatable {
        var name: String
        var children: [Tree] = []
    }

    @Record
    indirect enum Expression: Equatable {
        case number(Double)
        case sum(Expression, Expression)
        case negated(of: Expression)
    }

    @Record
    enum Currency: String, CaseIterable {
        case euro = "EUR"
        case dollar = "USD"
    }

    @Record
    enum Priority: Int {
        case low = 1
        case high = 10
    }

    @Record
    enum Status: Equatable {
        case open
        case inProgress
        @Field("fin") case done
    }

    @Record
    enum Payment: Equatable {
        case cash
        case card(number: String, expiryYear: Int = 2030, holder: String?)
        case voucher(String)
        case split(Int, Int)
        case maybe(Int?)
    }

    @Record(namespace: "shop.Card", includeMetadata: true)
    struct Card: Equatable, Means {
        var number: String
    }

    @Record(namespace: "shop.Cash", includeMetadata: true)
    struct Cash: Equatable, Means {
        var amount: Int
        var change: Card?
    }

    @Record(includeMetadata: true)
    struct Cheque: Equatable, Means {
        var bank: String
    }

    protocol Means: NamespacedRecord {}

    @Record(polymorphic: true)
    enum AnyPayment: Equatable {
        case card(Card)
        case cash(Cash)
    }

    @Record
    struct Purchase {
        @Field(oneOf: [Card.self, Cash.self]) var means: any Means
        @Field(oneOf: [Card.self, Cash.self]) var fallback: (any Means)?
        var history: [AnyPayment] = []
    }

    enum Shop {
        @Record(includeMetadata: true)
        struct Visit {
            var id: Int
        }
    }

    @Record
    struct Login: Equatable {
        var name: String
        @Field(exclude: true) var password: Secret<String>
        @Field(reveal: true) var token: Sensitive<Int>?
    }

    @Record
    struct Leaky {
        var salary: Personal<Int>
    }

    @Record
    struct Customer {
        @Field(length: 1...20, pattern: "[a-z]+") var nickname: String
        @Field(range: 0...150) var age: Int
        @Field(range: ..<0) var debt: Double?
        @Field(pattern: #/[A-Z]{2}/#) var country: String = "DE"
        @Field(length: 1...) var tags: [String] = ["new"]
        @Field(range: 0...) var balance: Decimal = 0
        @Field(length: 8...) var password: Secret<String>?
    }

    @Record(validation: true)
    struct Registration {
        var customer: Customer
        var others: [String: [Customer]] = [:]
        @Field(range: 0...0) var zero: Int = 0
        var from: Int
        var to: Int

        var additionalValidationErrors: [ValidationError] {
            from <= to ? [] : [ValidationError(field: "to", reason: "must not be before 'from'")]
        }
    }

    /// A record with everything that the schema shows.
    @Record(namespace: "docs.Described", includeMetadata: true)
    struct Described {
        /// The name of the thing,
        /// in words.
        ///
        /// Not this.
        @Field("title", length: 1...20, pattern: "a|b") var name: String
        @Field(range: 0..<100) var share: Double = 0.5
        var count: UInt16?
        var when: Date
        @Field(date: .epochSeconds) var then: Date
        var parts: [Described] = []
        var order: Order?
        var payment: Payment
        var currency: Currency = .euro
        var any: AnyPayment?
        var secret: Secret<String>
        var map: [String: Set<UUID>] = [:]
        var page: Page<Int>?
        var names: Page<String>?
        var tree: JSONValue
    }

    @Record
    struct Observed {
        static let limit = 3
        var value: Int = 0 {
            didSet { changes += 1 }
        }
        var double: Int { value * 2 }
        @Field(exclude: true) var changes: Int = 0
        let fixed: String
        let maybe: String?
        var a, b: Int
        var inferred = 4
        var negative = -1.5

        init(fixed: String) {
            self.fixed = fixed
            self.maybe = nil
            (a, b) = (1, 2)
        }
    }

    typealias MaybeText = String?

    @Record
    struct Aliased: Equatable {
        var text: MaybeText
        var number: Swift.Optional<Int>
        var reader: Int
        var writer: Int
    }

    @Record
    struct Folder: Equatable {
        var name: String
        @Boxed var parent: Folder?
        @Boxed var backup: [Folder] = []
    }

    @Record
    struct Empty: Equatable {}

    @Record
    fileprivate struct Hidden: Equatable {
        private var secret: Int
        fileprivate var open = 1
    }

    @Record
    fileprivate struct HiddenPage<Item: JSONCodable> {
        var item: Item
    }

    static func hiddenRoundTrip() throws -> Bool {
        let page = HiddenPage(item: Hidden(secret: 1, open: 2))
        return try JSON.decode(HiddenPage<Hidden>.self, from: JSON.encode(page)).item == page.item
    }

    @Record
    struct HandWritten: Equatable {
        var celsius: Double

        init(from reader: inout JSONReader) throws(JSONError) {
            celsius = try reader.readDouble()
        }

        func encode(to writer: inout JSONWriter) throws(JSONError) {
            try writer.write(celsius)
        }
    }

    /// Every kind of field, for the test with random values.
    @Record(includeMetadata: true)
    struct Everything: Equatable {
        var flag: Bool
        var small: Int8
        var large: UInt64
        var number: Double
        var single: Float
        var text: String
        var maybe: String?
        var list: [Int32?]
        var names: Set<String>
        var orders: [String: Order]
        var codes: [Int: [Double]]
        var date: Date
        @Field(date: .epochMilliseconds) var time: Date
        var id: UUID
        var data: Data
        var amount: Decimal
        var currency: Currency
        var status: Status
        var payment: Payment
        var polymorphic: AnyPayment?
        var tree: Tree
        var expression: Expression
        @Field("renamed field") var renamed: Int
    }
}

extension RecordTests.Shop {
    @Record
    struct Exit {
        var id: Int
    }
}

/// A public record, whose members must be public too.
@Record
public struct Published {
    /// Named like a parameter of the generated code.
    public var reader: Int
    /// Named like a keyword.
    public var `class`: String = "x"
}
