// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Testing

@Suite struct BrokerListTests {
    @Test(
        "a list gives the scheme and the hosts with their ports",
        arguments: [
            ("kafka://localhost:9092", "kafka", ["localhost:9092"]),
            ("localhost", "kafka", ["localhost:9092"]),
            ("kafka://a;b:9093", "kafka", ["a:9092", "b:9093"]),
            (" a:1 , KAFKA://b:2 ; ", "kafka", ["a:1", "b:2"]),
            ("kafka://a;kafka://b", "kafka", ["a:9092", "b:9092"]),
            ("confluent://a/ignored", "confluent", ["a:9092"]),
            ("[::1]:9,[fe80::2]", "kafka", ["[::1]:9", "[fe80::2]:9092"]),
            ("kafka://joe:se/c@ret@a:1,b", "kafka", ["a:1", "b:9092"]),
        ]
    )
    func hosts(text: String, scheme: String, hosts: [String]) throws {
        let list = try BrokerList(text)
        #expect(list.scheme == scheme)
        #expect(list.hosts.map(\.description) == hosts)
        #expect(list.description == "\(scheme)://\(hosts.joined(separator: ","))")
        #expect(list.path == "")
    }

    @Test(
        "the log and the memory have a path and no hosts",
        arguments: [
            ("log://", "log", ""), ("log:///var/lib/orders", "log", "/var/lib/orders"), ("memory://", "memory", ""),
            ("LOG://data:1", "log", "data:1"),
        ]
    )
    func paths(text: String, scheme: String, path: String) throws {
        let list = try BrokerList(text)
        #expect((list.scheme, list.path) == (scheme, path))
        #expect(list.hosts.isEmpty)
    }

    @Test(
        "what is no list is refused with the reason",
        arguments: [
            ("", "no broker"), (" ; , ", "no broker"), ("kafka://", "no name"), ("kafka://:9092", "no name"),
            ("a:0", "no port"), ("a:65536", "no port"), ("a:x", "no port"), ("a:", "no port"), ("[::1]x", "no port"),
            ("kafka://a;log://", "mixes the schemes kafka and log"), ("log://a;b", "stands alone"),
            ("joe@a", "user:password"),
        ]
    )
    func refused(text: String, reason: String) {
        let error = #expect(throws: FaustError.self) { try BrokerList(text) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
    }

    @Test("the name and password of a URL are kept and never shown")
    func credentials() throws {
        let list = try BrokerList("kafka://joe:se:cr@et@a")
        #expect(list.credentials == BrokerCredentials(username: "joe", password: "se:cr@et"))
        var dumped = "\(list)"
        dump(list, to: &dumped)
        #expect(!dumped.contains("cr@et"))
    }

    @Test(
        "credentials are a name, a password and a mechanism",
        arguments: [
            ("joe:secret", .plain, "joe", "secret"), ("plain://joe:a:b", .plain, "joe", "a:b"),
            ("SCRAM-SHA-256://joe:", .scramSHA256, "joe", ""), ("scram-sha-512://j@x:p", .scramSHA512, "j@x", "p"),
        ] as [(String, BrokerCredentials.Mechanism, String, String)]
    )
    func mechanisms(text: String, mechanism: BrokerCredentials.Mechanism, name: String, password: String) throws {
        let credentials = BrokerCredentials(username: name, password: password, mechanism: mechanism)
        #expect(try BrokerCredentials(text) == credentials)
    }
}
