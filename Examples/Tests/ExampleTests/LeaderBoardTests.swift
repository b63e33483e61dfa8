// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustTesting
import Testing

@testable import LeaderBoard

@Suite(.timeLimit(.minutes(5))) struct LeaderBoardTests {
    private let lines = Lines()

    @Test func theBestAreShownWhenTheyChange() async throws {
        let game = Game(samples: 0) { [lines] in lines.append($0) }
        try await game.app.test { kit in
            for (player, score) in [("anna", 5), ("bert", 9), ("anna", 7), ("carl", 9), ("dora", 1)] {
                try await kit.send(score, key: player, to: game.scores)
            }
            try await kit.advance(by: .seconds(2))
            #expect(lines.all == ["The best:\n1. anna 12\n2. bert 9\n3. carl 9"])

            // Dora stays where nobody sees her.
            try await kit.send(1, key: "dora", to: game.scores)
            try await kit.advance(by: .seconds(10))
            #expect(lines.all.count == 1)

            try await kit.send(20, key: "dora", to: game.scores)
            try await kit.advance(by: .seconds(2))
            #expect(lines.all.last == "The best:\n1. dora 22\n2. anna 12\n3. bert 9")
            #expect(lines.all.count == 2)
        }
    }

    @Test("after a crash the points are there again", arguments: 0..<5 as Range<UInt64>)
    func crash(seed: UInt64) async throws {
        let game = Game(samples: 100) { _ in }
        try await game.app.test(seed: seed) { kit in
            try await kit.settle()
            try await kit.workers[0].crash()
            let next = Game(samples: 0) { [lines] in lines.append($0) }
            try await kit.workers[0].restart(with: next.app)
            try await kit.advance(by: .seconds(2))

            var expected: [String: Int] = [:]
            for (player, score) in Game.samples(100) { expected[player, default: 0] += score }
            #expect(try await kit.entries(of: next.points) == expected)
            let rows = expected.map { Ranking.Row(player: $0.key, points: $0.value) }
            let ranking = Ranking(of: rows, limit: 3)
            #expect(lines.all == ["The best:\n" + ranking.lines.joined(separator: "\n")])
        }
    }

    @Test("only the leader shows the board, and it has the points of all workers") func twoWorkers() async throws {
        let (first, second) = (Lines(), Lines())
        let game = Game(samples: 100) { first.append($0) }
        let other = Game(samples: 0) { second.append($0) }
        let kit = try await TestKit(seed: 1)
        try await kit.start(game.app)
        try await kit.start(other.app)
        try await kit.settle()
        #expect(kit.workers.allSatisfy { !$0.assignment.isEmpty })
        try await kit.advance(by: .seconds(2))
        #expect([first.all.count, second.all.count].sorted() == [0, 1])
        let shown = try #require((first.all + second.all).first)
        #expect(shown.split(separator: "\n").count == 4)
        #expect(try game.points.count() == 5)
        #expect(try other.points.count() == 5)
        try await kit.end()
    }
}
