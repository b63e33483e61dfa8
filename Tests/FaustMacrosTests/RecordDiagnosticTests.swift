// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Testing

@Suite("Mistakes that @Record reports")
struct RecordDiagnosticTests {
    @Test(
        "each names the property and the remedy",
        arguments: [
            (
                "struct A { var x = make() }",
                "'x' needs a written type, such as 'x: String': a macro can't see inferred types"
            ),
            (
                "struct A { lazy var x: Int = 1 }",
                "'x' is lazy, so it has no value to write yet; make it computed, or a plain stored property"
            ),
            (
                "struct A { var x: (Int, Int) }",
                "'x' is a tuple, which has no form in JSON; use a nested @Record struct"
            ),
            (
                "struct A { var x: ((Int) -> Int)? }",
                "'x' is a function, which can't be written as JSON; make it computed or move it out of the record"
            ),
            (
                "struct A { var x: [String: Set<(Int, Int)>?] }",
                "'x' contains a tuple, which has no form in JSON; use a nested @Record struct"
            ),
            (
                "enum A: Int { @Field(\"one\") case a = 1 }",
                "cases of 'A' are written as their raw values; change the raw value instead of @Field"
            ),
            (
                "enum A { @Field(range: 0...1) case a(Int) }",
                "@Field takes nothing but a name at a case; for rules and forms of its values give it a nested @Record struct"
            ),
            ("struct A { var x: Any }", "'x' is 'Any'; use JSONValue for JSON of any form"),
            (
                "struct A { var x: (any Shape)? }",
                "'x' is 'any Shape', and nothing says which types can be in it; list them with "
                    + "@Field(oneOf: [Card.self, Cash.self]) or use a @Record(polymorphic: true) enum"
            ),
            (
                "struct A { let x: Int = 1 }",
                "'x' is a 'let' with a value, so no message can set it; make it 'var', 'static let', "
                    + "or keep it off the wire with @Field(exclude: true)"
            ),
            (
                "struct A { var (x, y): (Int, Int) }",
                "@Record can't take fields out of '(x, y)'; declare each with a line of its own"
            ),
            (
                "struct A { var aID: Int; var a_id: Int }",
                "'a_id' and 'aID' have the same name on the wire, \"a_id\"; give one of them another with @Field(\"…\")"
            ),
            (
                "struct A { #if DEBUG\n var x: Int\n #endif }",
                "@Record can't see fields inside #if; declare them outside"
            ),
            ("class A {}", "@Record needs a struct or an enum, and 'A' is a class; make it a struct"),
            (
                "actor A {}",
                "@Record needs a struct or an enum, and 'A' is an actor; keep the values in a @Record struct that the "
                    + "actor holds"
            ),
            ("protocol A {}", "@Record needs a struct or an enum, not 'protocol'"),
            (
                "enum A { case one(a: Int, Int) }",
                "case 'one' has values with and without labels; label all of them or none"
            ),
            (
                "enum A { case aID; case a_id }",
                "cases 'a_id' and 'aID' have the same name on the wire, \"a_id\"; give one of them another with "
                    + "@Field(\"…\")"
            ),
            (
                "enum A { case one((Int, Int)) }",
                "a value of case 'one' is a tuple, which has no form in JSON; use a nested @Record struct"
            ),
        ]
    )
    func declaration(source: String, message: String) {
        #expect(messages(about: "@Record " + source) == [message])
    }

    @Test(
        "so do those about the options of a field",
        arguments: [
            (
                "@Field(range: 0...1) var x: String",
                "'x' is 'String'; 'range' is for numbers and dates: use 'length' for the number of characters"
            ),
            (
                "@Field(length: 0...1) var x: Int?",
                "'x' is 'Int?'; 'length' is for strings and collections: use 'range' for the limits of a number"
            ),
            (
                "@Field(pattern: \"a\") var x: Double",
                "'x' is 'Double'; 'pattern' is for strings: use 'range' for the limits of a number"
            ),
            (
                "@Field(date: .epochSeconds) var x: Int",
                "'x' is 'Int'; 'date' is the form of a Date on the wire: leave it out or make the field a Date"
            ),
            (
                "@Field(reveal: true) var x: String",
                "'x' is 'String'; 'reveal' is for Secret, Sensitive and Personal: leave it out"
            ),
            (
                "@Field(coerce: true) var x: [Int]",
                "'x' is '[Int]'; 'coerce' is for numbers, strings and Bool: leave it out"
            ),
            (
                "@Field(oneOf: [B.self]) var x: B",
                "'x' is 'B'; 'oneOf' is for a field whose type is 'any' of a protocol: leave it out"
            ),
            (
                "@Field(name) var x: Int",
                "'name' of @Field must be a string literal: the macro reads it while the program compiles"
            ),
            (
                "@Field(exclude: yes) var x: Int",
                "'exclude' of @Field must be true or false: the macro reads it while the program compiles"
            ),
            (
                "@Field(pattern: regex) var x: String",
                "'pattern' of @Field must be a string literal or a regex literal such as #/[A-Z]{3}/#; "
                    + "for other rules write them in 'additionalValidationErrors'"
            ),
            (
                "@Field(\"y\") var x: Int { 1 }",
                "'x' is computed, so it isn't a field of the record; remove @Field or make it stored"
            ),
            ("@Field(\"y\") static var x: Int = 1", "'x' is static, so it isn't a field of the record; remove @Field"),
        ]
    )
    func field(source: String, message: String) {
        #expect(messages(about: "@Record struct A { \(source) }") == [message])
    }

    @Test(
        "and those about the options of the record",
        arguments: [
            (
                "@Record(naming: style) struct A {}",
                "'naming' of @Record must be written as .snakeCase, .camelCase or .asWritten"
            ),
            (
                "@Record(namespace: \"\") struct A {}",
                "the namespace of a record can't be empty: leave it out or name it"
            ),
            (
                "@Record(namespace: name) struct A {}",
                "'namespace' of @Record must be a string literal: the macro reads it while the program compiles"
            ),
            (
                "@Record(includeMetadata: true) enum A { case a }",
                "'namespace' and 'includeMetadata' belong to structs: 'A' is an enum, which is told apart by the names of "
                    + "its cases"
            ),
            (
                "@Record(polymorphic: true) struct A {}",
                "'polymorphic: true' belongs to an enum with one record in each case, not to a struct"
            ),
            (
                "@Record(polymorphic: true) enum A { case a(B), b }",
                "case 'b' must carry exactly one record, as in 'case card(Card)': the namespace of the record tells the "
                    + "cases apart"
            ),
            (
                "@Record(polymorphic: true) enum A { case a(B), b(B) }",
                "cases 'a' and 'b' both carry 'B', whose namespace can't tell them apart; give one of them a record of "
                    + "its own"
            ),
            (
                "@Record(includeMetadata: true) struct A { @Field(\"__faust\") var x: Int }",
                "'x' can't be named \"__faust\", which holds the namespace; rename it or leave out includeMetadata"
            ),
            (
                "struct Outer<T> { @Record struct A {} }",
                "'A' is inside the generic type 'Outer', where a @Record can't keep its tables; move it out"
            ),
            (
                "struct Outer { @Record private struct A {} }",
                "'A' is private inside another type, where its conformance can't be declared; make it fileprivate"
            ),
            (
                "struct A { @Field(\"y\") var x: Int }",
                "@Field has no effect here, because the type around it isn't a @Record; add @Record to it"
            ),
        ]
    )
    func record(source: String, message: String) {
        #expect(messages(about: source) == [message])
    }

    @Test("a pattern that is no regular expression is refused")
    func invalidPattern() {
        let found = messages(about: "@Record struct A { @Field(pattern: \"(\") var x: String }")
        #expect(found.count == 1 && found[0].hasPrefix("'pattern' of @Field is no regular expression: "))
    }

    @Test("all mistakes are reported at once, each once")
    func several() {
        #expect(
            messages(about: "@Record struct A { let x: Int = 1; var y: (Int, Int); lazy var z: Int = 1 }").count == 3
        )
    }

    @Test("observed, static and computed properties, and names that only look alike, are fine")
    func fine() {
        let source = """
            @Record struct A {
                static let limit: Int = 3
                var x: Int = 0 { didSet {} willSet {} }
                var y: Int { x }
                var isID: Int, isId: Int
                @Field(exclude: true) let version: Int = 2
                @Field(inputName: "a", outputName: "b") var c: Int
                #if DEBUG
                var z: Int { 1 }
                #endif
            }
            """
        #expect(messages(about: source).count == 1)
    }

    @Test("easy ones come with a fix-it")
    func fixIts() {
        #expect(FaustMacrosTests.fixIts(for: "@Record struct A { let x: Int = 1 }") == ["let -> var"])
        #expect(FaustMacrosTests.fixIts(for: "@Record class A {}") == ["class -> struct"])
        #expect(
            FaustMacrosTests.fixIts(for: "enum Outer { @Record private struct A {} }") == ["private -> fileprivate"]
        )
        #expect(
            FaustMacrosTests.fixIts(for: "@Record struct A { var x = make() }") == [
                "x = make() -> x: <#Type#> = make()"
            ]
        )
    }
}
