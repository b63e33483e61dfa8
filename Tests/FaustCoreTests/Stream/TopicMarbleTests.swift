// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

private struct Refusal: Error {}

/// `groupBy`, `through` and `echo`.
///
/// The second line of what is committed is that of the topic between.
@Suite("Operators that send to topics, on a timeline", .timeLimit(.minutes(2)))
struct TopicMarbleTests {
    private static let repartition = "marbles-agent-in-upper-repartition"

    /// Marbles whose second topic is the one between.
    private func marbles(
        between name: String = repartition,
        onError: ErrorPolicy = .stop,
        _ body: @escaping Marbles.Body
    ) -> Marbles {
        let marbles = Marbles(between: name)
        marbles.agent(onError: onError, body)
        return marbles
    }

    @Test("groupBy: the event is finished when it is sent, what comes of it by the loop")
    func groupBy() async throws {
        let marbles = marbles { stream, draw in
            for try await (key, value) in stream.groupBy(name: "upper", { $0.uppercased() }).items() {
                draw("\(key)\(value)")
                try await draw.pause(seconds: 2)
            }
        }
        let played = try await marbles.play("(ab)-----", "")
        #expect(played.output == "[Aa]-[Bb]---")
        #expect(played.committed == ["222222", "001122"])
    }

    @Test("groupBy of what is filtered: dropped values are finished and not sent")
    func groupByBehindOperators() async throws {
        let marbles = marbles { stream, draw in
            let words = stream.filter { $0 != "b" }.flatMap { [$0, $0] }
            for try await (key, value) in words.groupBy(name: "upper", { $0.uppercased() }).items() {
                draw("\(key)\(value)")
            }
        }
        let played = try await marbles.play("ab-c|", "")
        #expect(played.output == "([Aa][Aa])--([Cc][Cc])-")
        #expect(played.committed == ["12233", "22244"])
    }

    @Test("groupBy with a closure that suspends keeps the order")
    func groupBySuspending() async throws {
        let marbles = marbles { stream, draw in
            let grouped = stream.groupBy(name: "upper") { value in
                try await draw.pause(seconds: value == "a" ? 2 : 0)
                return value.uppercased()
            }
            for try await (key, value) in grouped.items() { draw("\(key)\(value)") }
        }
        let played = try await marbles.play("ab---", "")
        #expect(played.output == "--([Aa][Bb])--")
        #expect(played.committed == ["00222", "00222"])
    }

    @Test("groupBy: a failing key follows onError, and holds up what comes behind it only as long as that says")
    func failingKeys() async throws {
        let body: Marbles.Body = { stream, draw in
            let grouped = stream.groupBy(name: "upper") { value in
                if value == "x" { throw Refusal() }
                return value.uppercased()
            }
            for try await value in grouped { draw(value) }
        }
        let skipped = try await marbles(onError: .skip, body).play("axb--", "")
        #expect(skipped.output == "a-b--")
        #expect(skipped.failures == ["x skipped"])
        #expect(skipped.committed == ["12333", "11222"])

        let policy = ErrorPolicy.retry(.constant(.seconds(1), max: 2), then: .deadLetter)
        let retried = try await marbles(onError: policy, body).play("axb--", "")
        #expect(retried.output == "a--b-")
        #expect(retried.failures == ["x retried", "x retried", "x deadLettered"])
        #expect(retried.dead == ["x"])
        #expect(retried.committed == ["11133", "11122"])
    }

    @Test("groupBy: the loop's own failures follow onError with what was read behind the topic")
    func failingLoops() async throws {
        let policy = ErrorPolicy.retry(.constant(.seconds(1), max: 1), then: .deadLetter)
        let marbles = marbles(onError: policy) { stream, draw in
            for try await value in stream.groupBy(name: "upper", { $0.uppercased() }) {
                if value == "x" { throw Refusal() }
                draw(value)
            }
        }
        let played = try await marbles.play("axb--", "")
        #expect(played.output == "a-b--")
        #expect(played.failures == ["x retried", "x deadLettered"])
        #expect(played.dead == ["x"])
        #expect(played.committed == ["12333", "11333"])
    }

    @Test("groupBy: what a crash leaves unfinished comes again, from where it was")
    func crash() async throws {
        let marbles = marbles { stream, draw in
            for try await values in stream.groupBy(name: "upper", { $0.uppercased() }).take(3) { draw(values.joined()) }
        }
        let played = try await marbles.play("ab*c-", "")
        // The crash hands out what the array has; nothing of it counts.
        #expect(played.output == "--[ab][abc]-")
        #expect(played.committed == ["12233", "00033"])
    }

    @Test("through: the loop also gets what others send to the topic")
    func through() async throws {
        let marbles = Marbles(between: "shared")
        let shared = marbles.topics[1]
        marbles.agent { stream, draw in
            for try await (key, value) in stream.map({ $0 + "!" }).through(shared).items() { draw("\(key)\(value)") }
        }
        let played = try await marbles.play("a-b|", "-x--")
        #expect(played.output == "[aa!][xx][bb!]-")
        #expect(played.committed == ["1122", "1233"])
    }

    @Test("through a topic that is named on the spot")
    func throughName() async throws {
        let marbles = marbles(between: "copies") { stream, draw in
            for try await value in stream.through("copies", partitions: 1).filter({ $0 != "b" }) { draw(value) }
        }
        let played = try await marbles.play("(abc)-|", "")
        #expect(played.output == "(ac)--")
        #expect(played.committed == ["333", "333"])
    }

    @Test("echo: the copy is sent before the value comes, and is what was in the topic")
    func echo() async throws {
        let marbles = Marbles(inputs: 1)
        let copies = marbles.app.topic("copies", key: String.self, value: String.self)
        marbles.agent { stream, draw in
            for try await value in stream.map({ $0.uppercased() }).echo(to: copies) {
                draw(value)
                try await draw.pause(seconds: 1)
            }
        }
        // A second agent sees the copies.
        marbles.app.agent("copies", each: copies) { [drawing = marbles.drawing] in drawing($0) }
        let played = try await marbles.play("(ab)--")
        #expect(played.output == "(Aa)(Bb)-")
        #expect(played.committed == ["012"])
    }

    @Test("echo of what fails: the event comes again, and so does its copy")
    func failingEcho() async throws {
        let marbles = Marbles()
        let copies = marbles.app.topic("copies", key: String.self, value: String.self)
        marbles.agent(onError: .retry(.constant(.seconds(1), max: 1), then: .skip)) { stream, draw in
            for try await value in stream.echo(to: copies) {
                if value == "x" { throw Refusal() }
                draw(value)
            }
        }
        marbles.app.agent("copies", each: copies) { [drawing = marbles.drawing] in drawing($0.uppercased()) }
        let played = try await marbles.play("axb-")
        #expect(played.values.filter { $0 == "X" }.count == 2)
        #expect(played.values.filter { $0 != "X" }.sorted() == ["A", "B", "a", "b"])
        #expect(played.failures == ["x retried", "x skipped"])
        #expect(played.committed == ["1133"])
    }
}
