// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Testing

extension RecordTests {
    @Suite("Enums as records")
    struct RecordEnumTests {
        @Test("raw values are written as they are, and unknown ones refused")
        func rawValues() throws {
            #expect(try jsonText([Currency.euro, .dollar]) == #"["EUR","USD"]"#)
            #expect(try JSON.decode([Priority].self, from: "[10,1]") == [.high, .low])
            let error = #expect(throws: JSONError.self) { try JSON.decode([Currency].self, from: #"["EUR","GBP"]"#) }
            #expect(error?.reason == .invalidValue(#"Currency has no case for "GBP""#))
            #expect(error?.path == "$[1]")
        }

        @Test("cases without values are written as their names")
        func names() throws {
            #expect(try jsonText([Status.open, .inProgress, .done]) == #"["open","in_progress","fin"]"#)
            #expect(try JSON.decode([Status].self, from: #"["fin","open"]"#) == [.done, .open])
            #expect(throws: JSONError.self) { try JSON.decode(Status.self, from: #""done""#) }
            #expect(throws: JSONError.self) { try JSON.decode(Status.self, from: "1") }
        }

        @Test(
            "cases with values are objects with one field",
            arguments: [
                (Payment.cash, #""cash""#),
                (
                    .card(number: "4", expiryYear: 2031, holder: nil),
                    #"{"card":{"number":"4","expiry_year":2031,"holder":null}}"#
                ),
                (.voucher("v"), #"{"voucher":"v"}"#),
                (.split(1, 2), #"{"split":[1,2]}"#),
                (.maybe(nil), #"{"maybe":null}"#),
                (.maybe(3), #"{"maybe":3}"#),
            ]
        )
        func values(payment: Payment, json: String) throws {
            #expect(try jsonText(payment) == json)
            #expect(try JSON.decode(Payment.self, from: Bytes(json)) == payment)
        }

        @Test("values of a case may be missing if they are optional or have a default")
        func defaults() throws {
            let payment = try JSON.decode(Payment.self, from: #"{"card":{"number":"4"},"unknown":1}"#)
            #expect(payment == .card(number: "4", expiryYear: 2030, holder: nil))
        }

        @Test(
            "anything else is refused",
            arguments: [
                "{}", "[]", "1", #""card""#, #"{"coin":1}"#, #"{"card":{}}"#, #"{"split":[1]}"#, #"{"split":[1,2,3]}"#,
                #"{"voucher":"a","maybe":1}"#, #"{"voucher":"a","voucher":"b"}"#,
            ]
        )
        func refused(json: String) {
            #expect(throws: JSONError.self) { try JSON.decode(Payment.self, from: Bytes(json)) }
        }

        @Test("an indirect enum may contain itself")
        func indirect() throws {
            let expression = Expression.sum(.number(1), .negated(of: .sum(.number(2), .number(3))))
            let json = #"{"sum":[{"number":1.0},{"negated":{"of":{"sum":[{"number":2.0},{"number":3.0}]}}}]}"#
            #expect(try jsonText(expression) == json)
            #expect(try JSON.decode(Expression.self, from: Bytes(json)) == expression)
        }
    }
}
