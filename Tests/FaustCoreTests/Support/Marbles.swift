// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Synchronization

@testable import FaustCore

/// Plays timelines into an app under the test kit, and draws what comes of them.
///
/// Each character is a second. In an input `-` is nothing, a letter a message with it as its value and its key, `(ab)` are
/// messages of one second, `*` is a crash and restart of the worker, and `|` its orderly stop.
///
/// ```swift
/// let marbles = Marbles()
/// marbles.agent { stream, draw in for try await value in stream.take(2) { draw(value.joined()) } }
/// let played = try await marbles.play("a-b")
/// #expect(played.output == "--[ab]")
/// ```
struct Marbles: Sendable {
    typealias Input = EventStream<String, String>
    typealias Body = @Sendable (Input, Drawing) async throws -> Void

    let app: App
    /// One topic of one partition per timeline: `in`, `in2`, `in3`, unless named otherwise.
    let topics: [Topic<String, String>]
    let drawing: Drawing

    /// An app that reads topics of one partition each.
    init(inputs: Int = 1, configure: (inout Settings) -> Void = { _ in }) {
        self.init(names: (1...inputs).map { $0 == 1 ? "in" : "in\($0)" }, configure)
    }

    /// An app that reads one topic, and sends through another one, which is drawn as the second.
    init(between name: String) {
        self.init(names: ["in", name]) { _ in }
    }

    private init(names: [String], _ configure: (inout Settings) -> Void) {
        var settings = Settings(name: "marbles")
        settings.topicPartitions = 1
        settings.agentRestartDelay = .seconds(1)
        configure(&settings)
        let app = App(settings: settings, logger: .silent) { _, _ in
            throw FaustError(.transport, "the broker can't be reached")
        }
        self.app = app
        topics = names.map { app.topic($0, key: String.self, value: String.self) }
        drawing = Drawing(app)
    }

    /// Declares the agent under test, which reads the first timeline.
    func agent(onError: ErrorPolicy = .stop, _ body: @escaping Body) {
        app.agent("agent", topics[0], onError: onError) { [drawing] stream in try await body(stream, drawing) }
    }

    /// What has come of the timelines.
    struct Played {
        /// What was drawn: `-` is nothing, `[ab]` a text of more than one letter, `(ab)` are several texts of a second.
        var output = ""
        /// What was drawn, whatever its second.
        var values: [String] = []
        /// The offset that is committed of each input at the end of each second, as a digit.
        var committed: [String] = []
        /// The events that failed, with their fates: `x retried`.
        var failures: [String] = []
        /// The values in the agent's dead-letter topic.
        var dead: [String] = []
    }

    /// Plays the timelines side by side, one second after the other.
    ///
    /// At the end of each second everything that is finished is committed.
    func play(_ timelines: String..., seed: UInt64 = 0) async throws -> Played {
        let inputs = timelines.map(Self.columns(of:))
        var played = Played(committed: inputs.map { _ in "" })
        try await app.test(seed: seed) { kit in
            for second in 0..<(inputs.map(\.count).max() ?? 0) {
                if second > 0 { try await kit.advance(by: .seconds(1)) }
                for (input, topic) in zip(inputs, topics) where second < input.count {
                    for marble in input[second] { try await play(marble, topic, kit) }
                }
                try await kit.settle()
                for (index, topic) in topics.enumerated() {
                    let offset = try await kit.committed(of: topic)[0] ?? 0
                    played.committed[index] += String(offset, radix: 36)
                }
            }
            played.output = drawing.text(seconds: inputs.map(\.count).max() ?? 0)
            played.values = drawing.values
            played.failures = kit.failures.map { "\($0.value.map { String($0).filter(\.isLetter) } ?? "-") \($0.fate)" }
            let dead = app.topic("marbles-agent-dead-letter", key: String.self, value: String.self)
            played.dead = try await kit.output(of: dead).values()
        }
        return played
    }

    private func play(_ marble: Character, _ topic: Topic<String, String>, _ kit: TestKit) async throws {
        switch marble {
        case "*":
            try await kit.workers[0].crash()
            try await kit.workers[0].restart()
        case "|": try await kit.workers[0].stop()
        default: try await kit.send(String(marble), key: String(marble), to: topic)
        }
    }

    /// What happens in each second.
    static func columns(of timeline: String) -> [[Character]] {
        var columns: [[Character]] = []
        var group: [Character]?
        for character in timeline {
            switch character {
            case "(": group = []
            case ")":
                columns.append(group ?? [])
                group = nil
            case "-": columns.append([])
            default:
                if group == nil { columns.append([character]) } else { group?.append(character) }
            }
        }
        return columns
    }
}

/// What an app under test has put out, and when.
final class Drawing: Sendable {
    private let app: App
    private let marks = Mutex<[(second: Int, text: String)]>([])

    init(_ app: App) {
        self.app = app
    }

    /// What was drawn, in order.
    var values: [String] { marks.withLock { $0.map(\.text) } }

    /// The second of the timeline that a time is in.
    func second(of time: Timestamp) -> Int {
        Int((time.milliseconds - TestKit.defaultStart.milliseconds) / 1_000)
    }

    /// Draws a text at the time that the app's clock shows.
    func callAsFunction(_ text: String) {
        let second = second(of: app.now)
        marks.withLock { $0.append((second, text)) }
    }

    /// Waits by the app's clock.
    func pause(seconds: Int) async throws {
        try await app.sleep(for: .seconds(seconds))
    }

    /// The timeline of what was drawn.
    func text(seconds: Int) -> String {
        let columns = Dictionary(grouping: marks.withLock { $0 }, by: \.second)
        return (0..<max(seconds, (columns.keys.max() ?? -1) + 1))
            .map { second in
                let marks = (columns[second] ?? []).map { $0.text.count == 1 ? $0.text : "[\($0.text)]" }
                return marks.count < 2 ? marks.first ?? "-" : "(\(marks.joined()))"
            }
            .joined()
    }
}
