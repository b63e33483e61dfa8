// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustTesting
import Snippets
import Testing

@Suite(.timeLimit(.minutes(5))) struct KeyTimerTests {
    private let app = App.forTest()
    private let lines = Lines()

    @Test func cartsThatWereLeftAreRemindedOf() async throws {
        let (carts, mails, counts) = remindOfCarts(in: app)
        try await app.test { kit in
            for account in ["anna", "bert"] { try await kit.send(Cart(items: 2), key: account, to: carts) }
            try await kit.settle()
            try await kit.send(Cart(items: 2, isPaid: true), key: "bert", to: carts)
            try await kit.settle()
            try await kit.workers[0].crash()
            try await kit.workers[0].restart()
            try await kit.advance(by: .seconds(3_600))
            #expect(try await kit.output(of: mails).values() == ["anna, 2 items wait for you"])
            #expect(counts["anna"] == 1)
        }
    }

    @Test func silentSensorsAreToldOf() async throws {
        let readings = watchSensors(in: app, lines.output)
        try await app.test { kit in
            for (sensor, second) in [("a", 0), ("b", 1), ("a", 30), ("a", 61)] as [(String, Int64)] {
                let time = Timestamp(milliseconds: 1_000 * second)
                try await kit.send(1.5, key: sensor, to: readings, partition: 0, timestamp: time)
            }
            try await kit.settle()
            #expect(lines.all == ["b was silent at 61000"])
        }
    }
}
