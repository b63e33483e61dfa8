// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Synchronization

/// Adds up what each player scores, and shows the best.
struct Game {
    let app = App("leader-board")
    let scores: Topic<String, Int>
    let points: GlobalTable<String, Int>

    /// Declares the app.
    ///
    /// - Parameters:
    ///   - samples: How many made-up scores the program sends itself.
    ///   - places: How many players are shown.
    ///   - output: Prints a line.
    init(samples: Int, places: Int = 3, output: @escaping @Sendable (String) -> Void = { print($0) }) {
        let scores = app.topic("scores", key: String.self, value: Int.self)
        // Every worker has a global table whole, so that whichever leads can rank all players.
        let points = app.globalTable("points", key: String.self, default: 0, help: "The points of each player.")
        (self.scores, self.points) = (scores, points)

        app.agent("add", scores, help: "Adds up the points of each player.") { stream in
            for try await (player, score) in stream.items() { points[player] += score }
        }

        let shown = Mutex<Ranking?>(nil)
        app.timer(every: .seconds(2), name: "show", onLeader: true) {
            let ranking = try await Self.ranking(of: points, places)
            let isNew = shown.withLock { shown in
                defer { shown = ranking }
                return shown != ranking
            }
            if isNew { output("The best:\n" + ranking.lines.joined(separator: "\n")) }
        }

        app.task {
            for (player, score) in Self.samples(samples) { try await scores.post(score, key: player) }
        }
    }

    private static func ranking(of points: GlobalTable<String, Int>, _ places: Int) async throws -> Ranking {
        var players: [Ranking.Row] = []
        for try await (player, points) in points.items() { players.append(.init(player: player, points: points)) }
        return Ranking(of: players, limit: places)
    }

    /// Made-up scores, the same in every run.
    static func samples(_ count: Int) -> [(player: String, score: Int)] {
        let players = ["anna", "bert", "carl", "dora", "emil"]
        return (0..<count).map { (players[$0 % players.count], $0 * 37 % 101) }
    }
}
