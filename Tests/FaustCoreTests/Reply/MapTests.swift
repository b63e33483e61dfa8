// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

/// Agents that are asked for many things at a time.
@Suite(.timeLimit(.minutes(5))) struct MapTests {
    private let rig = TableRig()

    private struct Broken: Error {}

    /// Numbers that come one after the other, and then an error if there is one.
    private struct Numbers: AsyncSequence, Sendable {
        let count: Int
        var failure: Broken?

        struct Iterator: AsyncIteratorProtocol {
            var rest: Range<Int>
            let failure: Broken?

            mutating func next() async throws -> Int? {
                await Task.yield()
                if rest.isEmpty, let failure { throw failure }
                return rest.popFirst()
            }
        }

        func makeAsyncIterator() -> Iterator { Iterator(rest: 0..<count, failure: failure) }
    }

    @Test("a join has all results in the order of the values, also above a thousand")
    func joins() async throws {
        let app = rig.app(clock: .still) { $0.parallelism = 2 }
        let square = app.agent("square", each: Int.self) { $0 * $0 }
        let length = app.agent("length", each: app.topic("words", key: String.self, value: String.self)) { $0.count }
        try await rig.run(app) {
            let squares = try await square.join(0..<3_000)
            #expect(squares == (0..<3_000).map { $0 * $0 })
            let few = try await square.join(Numbers(count: 500), inFlight: 7)
            #expect(few == (0..<500).map { $0 * $0 })
            let words = (0..<40).map { String(repeating: "w", count: $0) }
            try #require(try await length.join(words, key: "k") == Array(0..<40))
            try #require(try await length.kvjoin(words.map { ($0, $0) }) == Array(0..<40))
            try #require(try await square.join([]) == [])
            #expect(try app.running().asker.waiting.requests == 0)
        }
    }

    @Test("a map yields all results, with their keys if there are any")
    func maps() async throws {
        let app = rig.app(clock: .still)
        let shout = app.agent("shout", each: app.topic("words", key: String.self, value: String.self)) {
            $0.uppercased()
        }
        let square = app.agent("square", each: Int.self) { $0 * $0 }
        try await rig.run(app) {
            var squares: [Int] = []
            for try await result in square.map(Numbers(count: 2_000), inFlight: 100) { squares.append(result) }
            #expect(squares.sorted() == (0..<2_000).map { $0 * $0 })
            var words: [String: String] = [:]
            for try await (key, word) in shout.kvmap([("a", "x"), ("b", "y"), ("c", "z")]) { words[key] = word }
            #expect(words == ["a": "X", "b": "Y", "c": "Z"])
        }
    }

    @Test("replies come while values are still to be read, and no more than allowed are under way")
    func backPressure() async throws {
        let app = rig.app(clock: .still)
        let (values, input) = AsyncStream.makeStream(of: Int.self)
        let square = app.agent("square", each: Int.self) { $0 * $0 }
        try await rig.run(app) {
            let asker = try app.running().asker
            var replies = square.map(values, inFlight: 3).makeAsyncIterator()
            input.yield(5)
            // The sequence goes on, and yet the reply comes.
            #expect(try await replies.next() == 25)
            for value in 0..<10 { input.yield(value) }
            input.finish()
            // Nobody takes the replies: three requests are sent and answered, no more.
            while rig.log.sent(to: app.settings.replyTo).count < 4 { await Task.yield() }
            while asker.waiting.requests > 0 { await Task.yield() }
            #expect(rig.log.sent(to: "tables-square").count == 4)
            var rest: [Int] = []
            while let reply = try await replies.next() { rest.append(reply) }
            #expect(rest.sorted() == (0..<10).map { $0 * $0 })
        }
    }

    @Test("a loop that is left, cancelled or ended by an error gives up what is under way")
    func ends() async throws {
        let app = rig.app(clock: .still)
        let picky = app.agent("picky", each: Int.self, onError: .skip) { value throws -> Int in
            if value == 3 { throw Broken() }
            return value
        }
        let nobody = app.remoteAgent("nobody", app.topic("deserted", value: Int.self), replying: Int.self)
        try await rig.run(app) {
            let asker = try app.running().asker
            for try await _ in picky.map(0..<2) { break }
            let failed = await #expect(throws: FaustError.self) { _ = try await picky.join(0..<100, inFlight: 5) }
            #expect(failed?.code == .handler)
            await #expect(throws: Broken.self) {
                _ = try await picky.join(Numbers(count: 2, failure: Broken()))
            }
            let loop = Task { for try await _ in nobody.map(0..<50, inFlight: 20) {} }
            while asker.waiting.requests < 20 { await Task.yield() }
            loop.cancel()
            await #expect(throws: CancellationError.self) { try await loop.value }
            while asker.waiting.requests > 0 { await Task.yield() }
        }
    }
}
