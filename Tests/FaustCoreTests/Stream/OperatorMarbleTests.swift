// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

/// What an operator makes of a timeline; see ``Marbles``.
struct MarbleRow: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let input: String
    let output: String
    /// The offset that is committed at the end of each second.
    let committed: String
    let body: Marbles.Body

    init(_ name: String, _ input: String, _ output: String, committed: String, _ body: @escaping Marbles.Body) {
        testDescription = name
        self.input = input
        self.output = output
        self.committed = committed
        self.body = body
    }

    /// Plays the row and compares.
    func check() async throws {
        let marbles = Marbles()
        marbles.agent(body)
        let played = try await marbles.play(input)
        #expect(played.output == output)
        #expect(played.committed == [committed])
        #expect(played.failures.isEmpty)
    }
}

@Suite("Operators of one value at a time, on a timeline", .timeLimit(.minutes(2)))
struct OperatorMarbleTests {
    private static let droppingRows = [
        MarbleRow("filter", "ab-(bc)|", "a--c-", committed: "12244") { stream, draw in
            for try await value in stream.filter({ $0 != "b" }) { draw(value) }
        },
        MarbleRow("filter that drops all", "aa-a|", "-----", committed: "12233") { stream, draw in
            for try await value in stream.filter({ $0 != "a" }) { draw(value) }
        },
        MarbleRow("filter that suspends", "ab-(bc)|", "a--c-", committed: "12244") { stream, draw in
            let kept = stream.filter { value async in
                await Task.yield()
                return value != "b"
            }
            for try await value in kept { draw(value) }
        },
        MarbleRow("compactMap", "ab-(bc)|", "A--C-", committed: "12244") { stream, draw in
            for try await value in stream.compactMap({ $0 == "b" ? nil : $0.uppercased() }) { draw(value) }
        },
        MarbleRow("compactMap that suspends", "ab-(bc)|", "A--C-", committed: "12244") { stream, draw in
            let kept = stream.compactMap { value async -> String? in
                await Task.yield()
                return value == "b" ? nil : value.uppercased()
            }
            for try await value in kept { draw(value) }
        },
        MarbleRow("processors, one of which skips", "ab-(bc)|", "A--C-", committed: "12244") { stream, draw in
            let processors = [
                Processor<String> { value in
                    if value == "b" { throw Skip() }
                    return value
                },
                Processor<String> { value async in value.uppercased() },
            ]
            for try await value in stream.processed(by: processors) { draw(value) }
        },
        MarbleRow("flatMap to nothing", "ab-(bc)|", "a--c-", committed: "12244") { stream, draw in
            for try await value in stream.flatMap({ $0 == "b" ? [] : [$0] }) { draw(value) }
        },
        MarbleRow("dedupe", "aa-a(ab)|", "a--ab-", committed: "122355") { stream, draw in
            for try await value in stream.dedupe(by: { $0 }, within: .seconds(2)) { draw(value) }
        },
        MarbleRow("branch without a branch for it", "ab-(bc)|", "a--C-", committed: "12244") { stream, draw in
            try await stream.branch(
                .matching({ $0 == "a" }) { draw($0) },
                .when({ $0 == "c" ? "C" : nil }) { draw($0) }
            )
        },
    ]

    @Test("values that are dropped are acknowledged", arguments: droppingRows)
    func dropping(_ row: MarbleRow) async throws {
        try await row.check()
    }

    private static let passingRows = [
        MarbleRow("map", "ab-(cd)|", "AB-(CD)-", committed: "12244") { stream, draw in
            for try await value in stream.map({ $0.uppercased() }) { draw(value) }
        },
        MarbleRow("map that suspends", "ab-(cd)|", "AB-(CD)-", committed: "12244") { stream, draw in
            let mapped = stream.map { value async in
                await Task.yield()
                return value.uppercased()
            }
            for try await value in mapped { draw(value) }
        },
        MarbleRow("flatMap", "a-(bc)|", "(aA)-(bBcC)-", committed: "1133") { stream, draw in
            for try await value in stream.flatMap({ [$0, $0.uppercased()] }) { draw(value) }
        },
        MarbleRow("enumerated", "a-(bc)|", "[5a]-([6b][7c])-", committed: "1133") { stream, draw in
            for try await (index, value) in stream.enumerated(from: 5) { draw("\(index)\(value)") }
        },
        MarbleRow("items", "a-(bc)|", "[aA]-([bB][cC])-", committed: "1133") { stream, draw in
            for try await (key, value) in stream.map({ $0.uppercased() }).items() { draw("\(key)\(value)") }
        },
        MarbleRow("events", "a-(bc)|", "[a0]-([b1][c2])-", committed: "1133") { stream, draw in
            for try await event in stream.events() { draw("\(event.key)\(event.message.offset)") }
        },
        MarbleRow("branch", "a-(bc)|", "A-([b!][c!])-", committed: "1133") { stream, draw in
            try await stream.branch(
                .matching({ $0 == "a" }) { draw($0.uppercased()) },
                .otherwise { draw("\($0)!") }
            )
        },
    ]

    @Test("values come at once and in order", arguments: passingRows)
    func passing(_ row: MarbleRow) async throws {
        try await row.check()
    }

    private static let finishingRows = [
        MarbleRow("a loop", "ab----", "a--b--", committed: "000111") { stream, draw in
            for try await value in stream {
                draw(value)
                try await draw.pause(seconds: 3)
            }
        },
        MarbleRow("filter before a drop", "ab--", "a---", committed: "0022") { stream, draw in
            for try await value in stream.filter({ $0 == "a" }) {
                draw(value)
                try await draw.pause(seconds: 2)
            }
        },
        MarbleRow("the last value of a flatMap", "ab-----", "a-Ab-B-", committed: "0001112") { stream, draw in
            for try await value in stream.flatMap({ [$0, $0.uppercased()] }) {
                draw(value)
                try await draw.pause(seconds: value == value.uppercased() ? 1 : 2)
            }
        },
        MarbleRow("acknowledged while the body goes on", "a---", "a---", committed: "0011") { stream, draw in
            for try await event in stream.events() {
                draw(event.value)
                try await draw.pause(seconds: 2)
                event.ack()
                try await draw.pause(seconds: 9)
            }
        },
        MarbleRow("a block of an event", "a----", "a-b--", committed: "00111") { stream, draw in
            for try await event in stream.noack().events() {
                try await event.withAcknowledgement {
                    draw(event.value)
                    try await draw.pause(seconds: 2)
                }
                draw("b")
            }
        },
    ]

    @Test("an event is finished when the body is done with it", arguments: finishingRows)
    func finishing(_ row: MarbleRow) async throws {
        try await row.check()
    }

    private static let unacknowledgedRows = [
        MarbleRow("never", "abc|", "abc-", committed: "0000") { stream, draw in
            for try await value in stream.noack() { draw(value) }
        },
        MarbleRow("what is dropped, by itself", "abcd|", "-bcd-", committed: "11111") { stream, draw in
            for try await event in stream.noack().filter({ $0 != "a" && $0 != "x" }).events() { draw(event.value) }
        },
        MarbleRow("later events first", "abcd|", "abcd-", committed: "00033") { stream, draw in
            var held: [Event<String, String>] = []
            for try await event in stream.noack().events() {
                draw(event.value)
                switch event.value {
                case "b", "c": event.ack()
                case "d": held.first?.ack()
                default: held.append(event)
                }
            }
        },
        MarbleRow("the one message of several values", "ab|", "(aA)(bB)-", committed: "122") { stream, draw in
            for try await event in stream.noack().flatMap({ [$0, $0.uppercased()] }).events() {
                draw(event.value)
                if event.value == event.key.uppercased() { event.ack() }
            }
        },
    ]

    @Test("without acknowledgement only what is acknowledged is finished", arguments: unacknowledgedRows)
    func unacknowledged(_ row: MarbleRow) async throws {
        try await row.check()
    }

    private static let throttlingRows = [
        MarbleRow("throttle", "(abc)----", "a-b-c", committed: "11223") { stream, draw in
            for try await value in stream.throttle(1, per: .seconds(2)) { draw(value) }
        },
        // The worker stops when the event in hand has had its turn.
        MarbleRow("throttle by twos, and a stop", "(abcde)----|", "(ab)--(cd)--e", committed: "222445") {
            stream,
            draw in
            for try await value in stream.throttle(2, per: .seconds(3)) { draw(value) }
        },
        MarbleRow("throttle behind a filter", "(aab)-(ab)-", "b--b", committed: "3345") { stream, draw in
            // What the filter drops takes no place.
            for try await value in stream.filter({ $0 == "b" }).throttle(1, per: .seconds(3)) { draw(value) }
        },
    ]

    @Test("what is too fast waits", arguments: throttlingRows)
    func throttling(_ row: MarbleRow) async throws {
        try await row.check()
    }

    private static let crashingRows = [
        MarbleRow("filter", "ab*c", "a--c", committed: "1223") { stream, draw in
            for try await value in stream.filter({ $0 != "b" }) { draw(value) }
        },
        MarbleRow("flatMap, half done", "a-*--", "a-(aA)--", committed: "00001") { stream, draw in
            for try await value in stream.flatMap({ [$0, $0.uppercased()] }) {
                draw(value)
                if value == "a", draw.values.count == 1 { try await draw.pause(seconds: 5) }
                if value == "A" { try await draw.pause(seconds: 2) }
            }
        },
        MarbleRow("without acknowledgement", "ab*c", "ab(ab)c", committed: "0000") { stream, draw in
            for try await event in stream.noack().events() { draw(event.value) }
        },
    ]

    @Test("what a crash leaves unfinished comes again", arguments: crashingRows)
    func crashing(_ row: MarbleRow) async throws {
        try await row.check()
    }
}
