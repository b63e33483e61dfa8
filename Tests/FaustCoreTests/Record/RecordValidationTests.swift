// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Foundation
import Testing

extension RecordTests {
    @Suite("Validation of records")
    struct RecordValidationTests {
        @Test("a record that keeps its rules is valid")
        func valid() throws {
            let customer = Customer(nickname: "ada", age: 0, debt: -0.5)
            #expect(customer.isValid && customer.validationErrors.isEmpty)
            try customer.validate()
        }

        @Test("all broken rules are reported at once, in the order of the fields")
        func all() {
            let customer = Customer(
                nickname: "",
                age: -1,
                debt: 0,
                country: "de",
                tags: [],
                balance: -1,
                password: Secret("short")
            )
            #expect(
                customer.validationErrors.map(\.description) == [
                    "nickname must have 1...20 characters", "nickname must match [a-z]+", "age must be in 0...150",
                    "debt must be in ..<0", "country must match [A-Z]{2}", "tags must have 1... elements",
                    "balance must be in 0...", "password must have 8... characters",
                ]
            )
        }

        @Test("limits of 0 hold (Faust ignores them)", arguments: [(-1, false), (0, true), (150, true), (151, false)])
        func limits(age: Int, isValid: Bool) {
            #expect(Customer(nickname: "a", age: age).isValid == isValid)
        }

        @Test("a pattern must match the whole string")
        func wholeMatch() {
            #expect(!Customer(nickname: "ada1", age: 1).isValid)
            #expect(!Customer(nickname: "ada", age: 1, country: "DEU").isValid)
            #expect(!Customer(nickname: "a\n", age: 1).isValid)
        }

        @Test("the length of a string is counted in Unicode scalars")
        func scalars() {
            let flags = String(repeating: "🇩🇪", count: 5)
            let customer = Customer(nickname: "a", age: 1, password: Secret(flags))
            #expect(flags.count == 5 && customer.isValid)
        }

        @Test("validate throws an error of the library with every rule")
        func throwing() throws {
            let error = try #require(throws: FaustError.self) { try Customer(nickname: "A", age: 200).validate() }
            #expect(error.code.description == "validation")
            #expect(
                error.message
                    == "RecordTests.Customer breaks 2 rules: nickname must match [a-z]+; age must be in 0...150"
            )
            #expect((error.cause as? ValidationFailure)?.errors.count == 2)
        }

        @Test("nested records are checked, with the path, and so are rules of one's own")
        func nested() {
            let bad = Customer(nickname: "a", age: 200)
            let registration = Registration(customer: bad, others: ["x": [bad]], from: 2, to: 1)
            #expect(
                registration.validationErrors.map(\.description) == [
                    "customer.age must be in 0...150", "others[x][0].age must be in 0...150",
                    "to must not be before 'from'",
                ]
            )
        }

        @Test("records inside a generic record are checked too")
        func generic() {
            let page = Page(items: [Customer(nickname: "a", age: 1), Customer(nickname: "a", age: -1)])
            #expect(page.validationErrors.map(\.field) == ["items[1].age"])
            #expect(Page(items: [1]).isValid)
        }

        @Test("with validation: true reading fails and reports every rule")
        func decoding() {
            let error = #expect(throws: JSONError.self) {
                try JSON.decode(
                    [Registration].self,
                    from: #"[{"customer":{"nickname":"A","age":1},"zero":1,"from":1,"to":1}]"#
                )
            }
            #expect(
                error?.reason
                    == .invalidValue(
                        "RecordTests.Registration breaks 2 rules: customer.nickname must match [a-z]+; zero must be in 0...0"
                    )
            )
            #expect(error?.path == "$[0]")
        }

        @Test("without it reading succeeds")
        func unchecked() throws {
            #expect(try JSON.decode(Customer.self, from: #"{"nickname":"A","age":-1}"#).age == -1)
        }
    }
}
