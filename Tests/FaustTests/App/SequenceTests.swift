// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustTesting
import Synchronization
import Testing

/// Numbers up to a limit, then an error or the end.
private struct Numbers: AsyncSequence, Sendable {
    let limit: Int
    var error: (any Error)?
    var made = Counter()

    final class Counter: Sendable {
        let count = Mutex(0)
    }

    struct Iterator: AsyncIteratorProtocol {
        let numbers: Numbers

        mutating func next() async throws -> Int? {
            let number = numbers.made.count.withLock { count in
                count += 1
                return count
            }
            if number <= numbers.limit { return number }
            if let error = numbers.error { throw error }
            return nil
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(numbers: self) }
}

@Suite("Streams of sequences", .timeLimit(.minutes(5)))
struct SequenceTests {
    @Test func theStreamEndsWithTheSequence() async throws {
        let app = App("sequence", broker: "memory://")
        let stream = app.stream(of: Numbers(limit: 10_000)).filter { $0 % 1_000 == 0 }
        let seen = Mutex<[Int]>([])
        app.task {
            for try await number in stream { seen.withLock { $0.append(number) } }
            app.stop()
        }
        try await app.run()
        #expect(seen.withLock { $0 } == (1...10).map { $0 * 1_000 })
    }

    @Test func theErrorOfASequenceComesBehindItsElements() async throws {
        let app = App("broken", broker: "memory://")
        let stream = app.stream(of: Numbers(limit: 3, error: CancellationError()))
        let seen = Mutex<[Int]>([])
        let failure = Mutex<(any Error)?>(nil)
        app.task {
            do {
                for try await number in stream { seen.withLock { $0.append(number) } }
            } catch {
                failure.withLock { $0 = error }
            }
            app.stop()
        }
        try await app.run()
        #expect(seen.withLock { $0 } == [1, 2, 3])
        #expect(failure.withLock { ($0 as? FaustError)?.code } == .handler)
    }

    @Test func aSequenceIsReadNoFasterThanItsStream() async throws {
        let app = App("slow", broker: "memory://") { $0.streamBufferMaxsize = 10 }
        let numbers = Numbers(limit: 1_000)
        let stream = app.stream(of: numbers)
        let gate = Gate()
        app.task {
            for try await number in stream where number == 1 { try await gate.wait() }
            app.stop()
        }
        app.task {
            try await gate.waitForArrivals(1)
            while numbers.made.count.withLock({ $0 }) < 8 { await Task.yield() }
            for _ in 0..<1_000 { await Task.yield() }
            #expect(numbers.made.count.withLock { $0 } <= 10)
            gate.open()
        }
        try await app.run()
        #expect(numbers.made.count.withLock { $0 } == 1_001)
    }

    @Test func aSequenceIsGroupedAndMerged() async throws {
        let app = App("grouped", broker: "memory://")
        let words = app.topic("words", value: String.self)
        let numbers = app.stream(of: Numbers(limit: 4)).groupBy(name: "parity") { $0 % 2 }
        let both = numbers.map { "number \($0)" } & words.stream()
        let seen = Recorder<String>()
        app.task { for try await text in both { seen.append(text) } }
        app.task { try await words.send("word") }
        try await app.run(until: seen, has: 5)
        #expect(seen.values.sorted() == ["number 1", "number 2", "number 3", "number 4", "word"])
    }
}
