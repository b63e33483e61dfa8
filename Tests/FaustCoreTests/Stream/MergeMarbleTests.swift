// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

private struct Refusal: Error {}

/// Counts up by the app's clock, one number per second.
private struct Ticks: AsyncSequence, Sendable {
    let app: App
    let count: Int
    var failsAtEnd = false

    struct Iterator: AsyncIteratorProtocol {
        let ticks: Ticks
        var next = 0

        mutating func next() async throws -> Int? {
            if next == ticks.count { if ticks.failsAtEnd { throw Refusal() } else { return nil } }
            if next > 0 { try await ticks.app.sleep(for: .seconds(1)) }
            defer { next += 1 }
            return next
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(ticks: self) }
}

@Suite("Several streams and other sequences, on a timeline", .timeLimit(.minutes(2)))
struct MergeMarbleTests {
    @Test("merged streams come as they come, each acknowledged in its own topic", arguments: 0..<5 as Range<UInt64>)
    func merged(seed: UInt64) async throws {
        let marbles = Marbles(inputs: 2)
        let both = marbles.topics[0].stream() & marbles.topics[1].stream()
        marbles.app.task { [draw = marbles.drawing] in for try await value in both { draw(value) } }
        let played = try await marbles.play("a--b-|", "-x--y|", seed: seed)
        #expect(played.output == "ax-by-")
        #expect(played.committed == ["111222", "011122"])
    }

    @Test("three streams with operators of their own, and some for all")
    func operators() async throws {
        let marbles = Marbles(inputs: 3)
        let streams = marbles.topics.map { $0.stream() }
        let all =
            streams[0].filter { $0 != "b" } & streams[1].map { $0.uppercased() } & streams[2].flatMap { [$0, $0] }
        marbles.app.task { [draw = marbles.drawing] in
            for try await value in all.filter({ $0 != "Y" }).map({ $0 + "!" }) { draw(value) }
        }
        let played = try await marbles.play("ab---|", "--xy-|", "----z|")
        #expect(played.output == "[a!]-[X!]-([z!][z!])-")
        #expect(played.committed == ["122222", "001222", "000011"])
    }

    @Test("streams of different types, typed")
    func typed() async throws {
        let marbles = Marbles(inputs: 2)
        let numbers = marbles.topics[1].stream().map { $0 == "x" ? 1 : 2 }
        let both = marbles.topics[0].stream().merged(with: numbers)
        marbles.app.task { [draw = marbles.drawing] in
            for try await value in both {
                switch value {
                case .first(let text): draw(text)
                case .second(let number): draw("\(number)")
                }
            }
        }
        let played = try await marbles.play("a-b-|", "-x-y|")
        #expect(played.output == "a1b2-")
        #expect(played.committed == ["11222", "01122"])
    }

    @Test("an event is finished when the next one of any stream is asked for, and one that waits holds up no other")
    func finishing() async throws {
        let marbles = Marbles(inputs: 2)
        let both = marbles.topics[0].stream() & marbles.topics[1].stream()
        marbles.app.task { [draw = marbles.drawing] in
            for try await value in both {
                draw(value)
                try await draw.pause(seconds: 2)
            }
        }
        let played = try await marbles.play("a-----", "-x----")
        #expect(played.output == "a-x---")
        #expect(played.committed == ["001111", "000011"])
    }

    @Test("an error leaves the loop with its event in hand, and a loop that goes on gets it again")
    func failing() async throws {
        let marbles = Marbles(inputs: 2)
        let both = marbles.topics[0].stream() & marbles.topics[1].stream()
        marbles.app.task { [draw = marbles.drawing] in
            for attempt in 1...2 {
                do {
                    for try await value in both.map({ value in
                        if value == "x", attempt == 1 { throw Refusal() }
                        return value
                    }) {
                        draw(value)
                    }
                } catch is Refusal {
                    draw("!")
                    try await draw.pause(seconds: 1)
                }
            }
        }
        let played = try await marbles.play("a--b|", "-xy-|")
        #expect(played.output == "a!(xy)b-")
        #expect(played.committed == ["11122", "00222"])
    }

    @Test("a crash: what was not finished comes again from both")
    func crash() async throws {
        let marbles = Marbles(inputs: 2)
        let both = marbles.topics[0].stream().noack() & marbles.topics[1].stream()
        marbles.app.task { [draw = marbles.drawing] in for try await value in both { draw(value) } }
        let played = try await marbles.play("a-*-", "-x--")
        #expect(played.output == "axa-")
        #expect(played.committed == ["0000", "0111"])
    }

    @Test("a sequence comes as it comes, through operators, and ends the loop")
    func sequence() async throws {
        let marbles = Marbles()
        let ticks = marbles.app.stream(of: Ticks(app: marbles.app, count: 5)).filter { $0 != 1 }.map { "\($0)" }
        marbles.app.task { [draw = marbles.drawing] in
            for try await tick in ticks { draw(tick) }
            draw("!")
        }
        let played = try await marbles.play("------")
        #expect(played.output == "0-23(4!)-")
    }

    @Test("the error of a sequence comes behind its values")
    func failingSequence() async throws {
        let marbles = Marbles()
        let ticks = marbles.app.stream(of: Ticks(app: marbles.app, count: 2, failsAtEnd: true)).map { "\($0)" }
        marbles.app.task { [draw = marbles.drawing] in
            do { for try await tick in ticks { draw(tick) } } catch { draw("!") }
        }
        #expect(try await marbles.play("----").output == "0(1!)--")
    }

    @Test("sequences are merged, taken and grouped")
    func combinedSequence() async throws {
        let marbles = Marbles()
        let ticks = marbles.app.stream(of: Ticks(app: marbles.app, count: 4)).map { "\($0)" }
        let arrays = marbles.app.stream(of: Ticks(app: marbles.app, count: 3)).take(2, within: .seconds(5))
        let both = ticks & marbles.topics[0].stream()
        marbles.app.task { [draw = marbles.drawing] in for try await value in both { draw(value) } }
        marbles.app.task { [draw = marbles.drawing] in
            for try await array in arrays { draw(array.map { "\($0)" }.joined()) }
        }
        let played = try await marbles.play("-----a")
        #expect(played.output == "0([01]1)(22)3-a" || played.output == "0(1[01])(22)3-a")
        #expect(played.committed == ["000001"])
    }

    private static let algorithmsRows = [
        MarbleRow("prefix(while:)", "abx-c", "ab--c", committed: "12334") { stream, draw in
            for try await value in try stream.prefix(while: { $0 != "x" }) { draw(value) }
            // A body that returns has finished what it had in hand, and runs again.
        },
        MarbleRow("dropFirst", "ab-c", "-b-c", committed: "1223") { stream, draw in
            for try await value in stream.dropFirst() { draw(value) }
        },
        MarbleRow("reduce, until the worker stops", "ab-c|", "----[abc]", committed: "12233") { stream, draw in
            draw(try await stream.reduce("", +))
        },
        MarbleRow("contains", "ab-c", "-!--", committed: "1223") { stream, draw in
            if try await stream.contains("b") { draw("!") }
        },
    ]

    @Test(
        "algorithms of AsyncSequence that take one element at a time acknowledge as a loop does",
        arguments: algorithmsRows
    )
    func algorithms(_ row: MarbleRow) async throws {
        try await row.check()
    }
}
