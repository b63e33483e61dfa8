// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Testing

extension RecordTests {
    @Suite("Schemas of records")
    struct RecordSchemaTests {
        @Test("a plain record")
        func plain() {
            #expect(
                Order.schema == #"""
                    {"$schema":"https://json-schema.org/draft/2020-12/schema","title":"RecordTests.Order","type":"object",\#
                    "properties":{"account_id":{"type":"string"},"product_url2":{"type":"string"},\#
                    "amount":{"type":"integer","default":1},"price":{"type":"number"},\#
                    "note":{"anyOf":[{"type":"string"},{"type":"null"}]}},\#
                    "required":["account_id","product_url2","price"]}
                    """#
            )
        }

        @Test("everything that a schema shows")
        func described() throws {
            let schema = try JSON.decode(JSONValue.self, from: Bytes(Described.schema))
            let properties = try #require(schema["properties"])
            #expect(
                properties["title"] == [
                    "type": "string", "minLength": 1, "minItems": 1, "maxLength": 20, "maxItems": 20,
                    "pattern": "^(?:a|b)$", "description": "The name of the thing, in words.",
                ]
            )
            #expect(
                properties["share"] == ["type": "number", "minimum": 0, "exclusiveMaximum": 100, "default": 0.5]
            )
            #expect(properties["count"] == ["anyOf": [["type": "integer", "minimum": 0], ["type": "null"]]])
            #expect(properties["when"] == ["type": "string", "format": "date-time"])
            #expect(properties["then"] == ["type": "number"])
            #expect(properties["parts"] == ["type": "array", "items": ["$ref": "#"], "default": []])
            #expect(properties["order"] == ["anyOf": [["$ref": "#/$defs/RecordTests.Order"], ["type": "null"]]])
            #expect(properties["currency"] == ["$ref": "#/$defs/RecordTests.Currency"])
            #expect(properties["secret"] == ["type": "string"])
            #expect(properties["tree"] == [:])
            #expect(properties["names"] == ["anyOf": [["$ref": "#/$defs/RecordTests.Page2"], ["type": "null"]]])
            #expect(properties["__faust"]?["properties"]?["ns"] == ["const": "docs.Described"])
            #expect(schema["required"] == ["title", "when", "then", "payment", "secret", "tree"])
        }

        @Test("definitions of nested records and enums")
        func definitions() throws {
            let definitions = try #require(try JSON.decode(JSONValue.self, from: Bytes(Described.schema))["$defs"])
            #expect(definitions["RecordTests.Currency"] == ["enum": ["EUR", "USD"]])
            #expect(
                definitions["RecordTests.Page2"]?["properties"]?["items"] == [
                    "type": "array", "items": ["type": "string"],
                ]
            )
            #expect(
                definitions["RecordTests.AnyPayment"] == [
                    "oneOf": [["$ref": "#/$defs/shop.Card"], ["$ref": "#/$defs/shop.Cash"]]
                ]
            )
            #expect(definitions["shop.Cash"]?["properties"]?["amount"] == ["type": "integer"])
            let payment = try #require(definitions["RecordTests.Payment"]?["oneOf"])
            #expect(payment[0] == ["const": "cash"])
            #expect(payment[1]?["properties"]?["card"]?["required"] == ["number"])
            #expect(payment[3]?["properties"]?["split"]?["prefixItems"] == [["type": "integer"], ["type": "integer"]])
        }

        @Test("the fields of a record are known, with their names, types and defaults")
        func fields() {
            #expect(Order.fields.map(\.name) == ["accountID", "productURL2", "amount", "price", "note"])
            #expect(Order.fields.map(\.inputName) == ["account_id", "product_url2", "amount", "price", "note"])
            #expect(Order.fields.map(\.typeName) == ["String", "String", "Int", "Double", "String?"])
            #expect(Order.fields.map(\.isRequired) == [true, true, false, true, false])
            #expect(Order.fields.map(\.defaultText) == [nil, nil, "1", nil, nil])
            #expect(Customer.fields[0].rules.map(\.description) == ["length 1...20", "matching [a-z]+"])
            #expect(Currency.fields.isEmpty)
            #expect(FieldNames.fields.map(\.isExcluded) == [false, false, false, false, false, true])
        }
    }
}
