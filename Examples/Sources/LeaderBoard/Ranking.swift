// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The best players, the one with the most points first.
struct Ranking: Equatable, Sendable {
    /// A player with all points so far.
    struct Row: Equatable, Sendable {
        var player: String
        var points: Int
    }

    let rows: [Row]

    /// Ranks players; those with equal points stand in alphabetical order.
    init(of players: [Row], limit: Int) {
        rows = Array(players.sorted { ($1.points, $0.player) < ($0.points, $1.player) }.prefix(limit))
    }

    /// A line for each player.
    var lines: [String] {
        rows.enumerated().map { place, row in "\(place + 1). \(row.player) \(row.points)" }
    }
}
