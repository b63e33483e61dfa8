// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Testing

extension RecordTests {
    @Suite("Protected values")
    struct ProtectedValueTests {
        let login = Login(name: "ada", password: Secret("hunter2"), token: Sensitive(424_242))

        @Test("printing, interpolating, dumping and reflecting never show the value")
        func printing() {
            var dumped = ""
            dump(login, to: &dumped)
            dump(Personal("hunter2"), to: &dumped)
            let texts = [
                "\(login)", String(reflecting: login), dumped, "\(login.password)", String(reflecting: login.password),
                String(describing: [login.password]), "\(String(describing: login.token))",
                "\(Array(Mirror(reflecting: login.password).children))",
            ]
            for text in texts {
                #expect(!text.contains("hunter2") && !text.contains("424242"), "\(text)")
            }
            #expect("\(login)".contains("***********"))
        }

        @Test("reveal gives the value")
        func reveal() {
            #expect(login.password.reveal() == "hunter2" && login.token?.reveal() == 424_242)
            #expect(Secret("a") == Secret("a") && Secret("a") != Secret("b"))
        }

        @Test("writing throws unless the field says otherwise")
        func writing() throws {
            let error = #expect(throws: JSONError.self) { try jsonText(Leaky(salary: Personal(424_242))) }
            #expect(error?.path == "$.salary")
            #expect(error?.description.contains("reveal: true") == true)
            #expect(error?.description.contains("424242") == false)
            #expect(throws: JSONError.self) { try JSON.encode([Secret("x")]) }
            #expect(try jsonText(login) == #"{"name":"ada","token":424242}"#)
            #expect(try jsonText(login.derive { $0.token = nil }) == #"{"name":"ada","token":null}"#)
        }

        @Test("they are read like the values inside")
        func reading() throws {
            #expect(try JSON.decode(Login.self, from: #"{"name":"ada","password":"hunter2","token":424242}"#) == login)
        }
    }
}
