// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustMacros
import Testing

@Suite("Names on the wire")
struct NamingTests {
    @Test(
        "snake case",
        arguments: [
            ("name", "name"), ("accountID", "account_id"), ("productURL2", "product_url2"), ("userIDs", "user_ids"),
            ("URLsFound", "urls_found"), ("HTTPServer", "http_server"), ("isValid", "is_valid"), ("aB", "a_b"),
            ("oauth2Token", "oauth2_token"), ("URL2Path", "url2_path"), ("account_id", "account_id"), ("_id", "_id"),
            ("x", "x"), ("ID", "id"), ("überGröße", "über_größe"), ("getAsText", "get_as_text"), ("a__b", "a_b"),
            ("hasASide", "has_a_side"), ("_", "_"),
        ]
    )
    func snakeCase(name: String, expected: String) {
        #expect(Naming.snakeCase.wireName(of: name) == expected)
    }

    @Test(
        "camel case",
        arguments: [
            ("account_id", "accountId"), ("accountID", "accountId"), ("name", "name"), ("_url_2", "_url2"),
            ("ID", "id"),
        ]
    )
    func camelCase(name: String, expected: String) {
        #expect(Naming.camelCase.wireName(of: name) == expected)
    }

    @Test("a name as it is written stays", arguments: ["accountID", "Account_id", "_X"])
    func asWritten(name: String) {
        #expect(Naming.asWritten.wireName(of: name) == name)
    }
}
