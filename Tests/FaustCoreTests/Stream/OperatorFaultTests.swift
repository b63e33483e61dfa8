// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Synchronization
import Testing

@testable import FaustCore

private struct Refusal: Error {}

/// What a value is checked with, where the operator has a closure, else in the loop; throws for bad ones.
typealias Inspection = @Sendable (String) throws -> Void

/// An operator in use, that puts out every value once.
struct OperatorCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// How many events fail together.
    var inHand = 1
    /// Whether it works on streams outside of agents in every run of a loop.
    var isFree = true
    let run: @Sendable (Marbles.Input, @escaping Inspection, Drawing) async throws -> Void

    init(
        _ name: String,
        inHand: Int = 1,
        isFree: Bool = true,
        _ run: @escaping @Sendable (Marbles.Input, @escaping Inspection, Drawing) async throws -> Void
    ) {
        testDescription = name
        self.inHand = inHand
        self.isFree = isFree
        self.run = run
    }

    static let all: [OperatorCase] = [
        OperatorCase("loop") { stream, check, draw in
            for try await value in stream {
                try check(value)
                draw(value)
            }
        },
        OperatorCase("filter") { stream, check, draw in
            for try await value in stream.filter({ value throws in
                try check(value)
                return true
            }) { draw(value) }
        },
        OperatorCase("filter that suspends") { stream, check, draw in
            let kept = stream.filter { value async throws in
                await Task.yield()
                try check(value)
                return true
            }
            for try await value in kept { draw(value) }
        },
        OperatorCase("map") { stream, check, draw in
            for try await value in stream.map({ value throws in
                try check(value)
                return value
            }) { draw(value) }
        },
        OperatorCase("map that suspends") { stream, check, draw in
            let mapped = stream.map { value async throws in
                await Task.yield()
                try check(value)
                return value
            }
            for try await value in mapped { draw(value) }
        },
        OperatorCase("compactMap") { stream, check, draw in
            let mapped = stream.compactMap { value throws -> String? in
                try check(value)
                return value
            }
            for try await value in mapped { draw(value) }
        },
        OperatorCase("flatMap") { stream, check, draw in
            let values = stream.flatMap { value in
                try check(value)
                return [value, ""]
            }
            for try await value in values where !value.isEmpty { draw(value) }
        },
        OperatorCase("flatMap, at its last value") { stream, check, draw in
            for try await value in stream.flatMap({ ["", $0] }) where !value.isEmpty {
                try check(value)
                draw(value)
            }
        },
        OperatorCase("processors") { stream, check, draw in
            let processor = Processor<String> { value throws in
                try check(value)
                return value
            }
            for try await value in stream.processed(by: [processor]) { draw(value) }
        },
        OperatorCase("enumerated") { stream, check, draw in
            for try await (_, value) in stream.enumerated() {
                try check(value)
                draw(value)
            }
        },
        OperatorCase("items") { stream, check, draw in
            for try await (key, _) in stream.items() {
                try check(key)
                draw(key)
            }
        },
        OperatorCase("events") { stream, check, draw in
            for try await event in stream.events() {
                try check(event.value)
                draw(event.value)
            }
        },
        OperatorCase("noack") { stream, check, draw in
            for try await event in stream.noack().events() {
                try await event.withAcknowledgement {
                    try check(event.value)
                    draw(event.value)
                }
            }
        },
        OperatorCase("branch, in its test") { stream, check, draw in
            try await stream.branch(
                .matching({
                    try check($0)
                    return true
                }) { draw($0) }
            )
        },
        OperatorCase("branch, in its body") { stream, check, draw in
            try await stream.branch(
                .otherwise {
                    try check($0)
                    draw($0)
                }
            )
        },
        OperatorCase("take", inHand: 2) { stream, check, draw in
            for try await values in stream.take(2, within: .seconds(1)) {
                for value in values { try check(value) }
                for value in values { draw(value) }
            }
        },
        OperatorCase("takeEvents", inHand: 2) { stream, check, draw in
            for try await events in stream.takeEvents(2, within: .seconds(1)) {
                for event in events { try check(event.value) }
                for event in events { draw(event.value) }
            }
        },
        OperatorCase("takeWithTimestamp", inHand: 2) { stream, check, draw in
            for try await values in stream.takeWithTimestamp(2, within: .seconds(1)) {
                for value in values { try check(value.value) }
                for value in values { draw(value.value) }
            }
        },
        OperatorCase("throttle") { stream, check, draw in
            for try await value in stream.throttle(30, per: .seconds(1)) {
                try check(value)
                draw(value)
            }
        },
        OperatorCase("dedupe") { stream, check, draw in
            let single = stream.dedupe(
                by: { value throws in
                    try check(value)
                    return value
                },
                within: .seconds(60)
            )
            for try await value in single { draw(value) }
        },
        OperatorCase("dedupe, in the loop") { stream, check, draw in
            for try await value in stream.dedupe(by: { $0 }, within: .seconds(60)) {
                try check(value)
                draw(value)
            }
        },
        OperatorCase("echo") { stream, check, draw in
            for try await value in stream.echo(to: Copies()) {
                try check(value)
                draw(value)
            }
        },
        OperatorCase("groupBy, in its key", isFree: false) { stream, check, draw in
            let grouped = stream.groupBy(name: "copy") { value in
                try check(value)
                return value
            }
            for try await value in grouped { draw(value) }
        },
        OperatorCase("groupBy, in the loop", isFree: false) { stream, check, draw in
            for try await value in stream.groupBy(name: "copy", { $0 }) {
                try check(value)
                draw(value)
            }
        },
        OperatorCase("through", isFree: false) { stream, check, draw in
            for try await value in stream.through("copy", partitions: 1) {
                try check(value)
                draw(value)
            }
        },
        OperatorCase("a chain") { stream, check, draw in
            let chain = stream.filter { !$0.isEmpty }.flatMap { [$0] }.map { $0 }.throttle(99, per: .seconds(1))
            for try await event in chain.events() {
                try check(event.value)
                draw(event.value)
            }
        },
    ]

    private struct Copies: AnyTopic {
        let name = "copies"
    }
}

@Suite("Every operator, when things go wrong", .timeLimit(.minutes(5)))
struct OperatorFaultTests {
    private func marbles(
        _ operation: OperatorCase,
        onError: ErrorPolicy = .stop,
        maxsize: Int = 4_096,
        check: @escaping Inspection = { _ in }
    ) -> Marbles {
        let marbles = Marbles { $0.streamBufferMaxsize = maxsize }
        _ = marbles.app.topic("copies", value: String.self)
        marbles.agent(onError: onError) { stream, draw in try await operation.run(stream, check, draw) }
        return marbles
    }

    @Test(
        "an event that fails always goes the way of its policy, and what comes behind goes on",
        arguments: OperatorCase.all
    )
    func failing(_ operation: OperatorCase) async throws {
        let policy = ErrorPolicy.retry(.constant(.seconds(1), max: 2), then: .deadLetter)
        let marbles = marbles(operation, onError: policy) { if $0 == "x" { throw Refusal() } }
        let played = try await marbles.play("a-(xb)-----cd---|")
        #expect(played.committed[0].last == "5")
        if operation.inHand == 1 {
            // x at 2, again at 3 and at 4; then b goes on.
            #expect(played.output == "a---b---cd----")
            #expect(played.failures == ["x retried", "x retried", "x deadLettered"])
            #expect(played.dead == ["x"])
        } else {
            #expect(played.values == ["a", "c", "d"])
            #expect(played.dead == ["x", "b"])
            #expect(played.failures.filter { $0.hasPrefix("x") } == ["x retried", "x retried", "x deadLettered"])
        }
    }

    @Test("an event that fails once is delivered again", arguments: OperatorCase.all)
    func failingOnce(_ operation: OperatorCase) async throws {
        let hasFailed = Atomic(false)
        let marbles = marbles(operation) { value in
            if value == "x", !hasFailed.exchange(true, ordering: .relaxed) { throw Refusal() }
        }
        let played = try await marbles.play("a-(xb)---c--|")
        #expect(played.values == ["a", "x", "b", "c"])
        #expect(played.committed[0].last == "4")
        #expect(Set(played.failures.filter { $0.hasPrefix("x") }) == ["x restarted"])
    }

    @Test("skipped events are acknowledged", arguments: OperatorCase.all)
    func skipping(_ operation: OperatorCase) async throws {
        let marbles = marbles(operation, onError: .skip) { if $0 == "x" { throw Refusal() } }
        let played = try await marbles.play("a-x-b--|")
        #expect(played.values == ["a", "b"])
        #expect(played.failures == ["x skipped"])
        #expect(played.committed[0].last == "3")
    }

    @Test("a buffer of a few events holds nothing up, and loses nothing", arguments: OperatorCase.all)
    func backPressure(_ operation: OperatorCase) async throws {
        let letters = "abcdefghijklmnopqrstuvwxyz"
        let marbles = marbles(operation, maxsize: 4)
        let played = try await marbles.play("(\(letters))--|")
        #expect(played.values.joined() == letters)
        #expect(played.committed[0].last == "q")
    }

    @Test("a crash between: nothing is lost, in order", arguments: OperatorCase.all)
    func crashing(_ operation: OperatorCase) async throws {
        let played = try await marbles(operation, maxsize: 8).play("ab*(cdefgh)*i--|")
        var seen: Set<String> = []
        let firsts = played.values.filter { seen.insert($0).inserted }
        #expect(firsts.joined() == "abcdefghi")
        #expect(played.committed[0].last == "9")
    }

    @Test("a loop that is cancelled loses nothing: the next one goes on", arguments: OperatorCase.all.filter(\.isFree))
    func cancelling(_ operation: OperatorCase) async throws {
        let marbles = Marbles()
        _ = marbles.app.topic("copies", value: String.self)
        let stream = marbles.topics[0].stream()
        marbles.app.task { [draw = marbles.drawing] in
            for _ in 1...3 {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { try? await operation.run(stream, { _ in }, draw) }
                    try? await draw.pause(seconds: 2)
                    group.cancelAll()
                }
            }
            try await operation.run(stream, { _ in }, draw)
        }
        let played = try await marbles.play("a-(bc)d-efg-h--|")
        var seen: Set<String> = []
        let firsts = played.values.filter { seen.insert($0).inserted }
        #expect(firsts.joined() == "abcdefgh")
        #expect(played.committed[0].last == "8")
        if operation.inHand == 1 { #expect(played.values.count == 8) }
    }

    @Test("a message that waits in a throttle is given back when its loop is cancelled")
    func cancelledPause() async throws {
        let marbles = Marbles()
        let stream = marbles.topics[0].stream()
        marbles.app.task { [draw = marbles.drawing] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    do {
                        for try await value in stream.throttle(1, per: .seconds(60)) { draw(value) }
                    } catch is CancellationError {
                        draw("!")
                    } catch {}
                }
                try? await draw.pause(seconds: 2)
                group.cancelAll()
            }
            for try await value in stream { draw(value) }
        }
        let played = try await marbles.play("(ab)---c")
        #expect(played.output == "a-(!b)-c")
        #expect(played.committed == ["11223"])
    }
}
