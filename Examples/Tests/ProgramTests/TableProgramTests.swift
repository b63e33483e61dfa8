// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing

/// The programs whose state is in tables, as processes that end and are started again.
@Suite(.serialized, .timeLimit(.minutes(5))) struct TableProgramTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Runs a worker until a line says that it has done its work, and stops it in order.
    private func run(_ name: String, until line: String) async throws -> [String] {
        let worker = try Program(name, ["worker", "-q", "-D", folder.url.path])
        #expect(await worker.prints { $0.contains(line) })
        worker.signal(SIGTERM)
        #expect(await worker.exitStatus() == 0)
        return worker.lines
    }

    @Test("page views are counted on after a restart") func pageViews() async throws {
        _ = try await run("PageViews", until: "/: 50")
        // The program sends itself a hundred views each time.
        let lines = try await run("PageViews", until: "/: 100")
        #expect(lines.contains("/: 51"))
        #expect(!lines.contains("/: 1"))
    }

    @Test("views that are sent from another terminal are counted by URL") func sentPageViews() async throws {
        let send = try Program("PageViews", ["send", "page_views", "-", "-q", "-D", folder.url.path])
        try send.feed((0..<40).map { "{\"url\": \"/sent/\($0 % 2)\", \"user\": \"anna\"}\n" }.joined())
        #expect(await send.exitStatus() == 0)
        let lines = try await run("PageViews", until: "/sent/1: 20")
        #expect(lines.filter { $0.hasPrefix("/sent/1: ") } == (1...20).map { "/sent/1: \($0)" })
    }

    @Test("no points are lost by a restart") func leaderBoard() async throws {
        // Each run adds the same scores.
        let points = (0..<100).filter { $0 % 5 == 4 }.reduce(0) { $0 + $1 * 37 % 101 }
        for times in 1...2 {
            let worker = try Program("LeaderBoard", ["worker", "-q", "-D", folder.url.path])
            #expect(await worker.prints { $0.contains { $0.hasSuffix(". emil \(points * times)") } })
            worker.signal(SIGTERM)
            #expect(await worker.exitStatus() == 0)
        }
    }

    @Test("the mean of what was sent is put out when its window has closed") func windows() async throws {
        let send = try Program(
            "WindowedAggregation",
            ["send", "readings", "-", "-q", "-k", "attic", "-D", folder.url.path]
        )
        // The third reading closes the window of the others.
        try send.feed(
            [("00", 20), ("09", 30), ("30", 25)]
                .map { "{\"date\": \"2020-01-01T00:00:\($0)Z\", \"value\": \($1)}\n" }
                .joined()
        )
        #expect(await send.exitStatus() == 0)
        let line = "attic from 2020-01-01T00:00:00Z: 2 readings, mean 25.0"
        let lines = try await run("WindowedAggregation", until: line)
        #expect(lines.filter { $0 == line }.count == 1)
    }
}
