// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Synchronization

@testable import FaustCore

/// Which events come alone.
enum JoinKind: CaseIterable, Sendable {
    case inner
    case left
    case outer
}

/// An event of a test, which is its own value.
struct JoinInput: Sendable, Hashable {
    var side: JoinSide
    var id: String
    var key: String
    /// Milliseconds since the start of the test.
    var time: Int64
}

/// What was seen, in the order in which it was seen first.
final class OrderLog: Sendable {
    private let state = Mutex((seen: Set<String>(), order: [String]()))

    var all: [String] { state.withLock { $0.order } }

    func note(_ text: String) {
        state.withLock { if $0.seen.insert(text).inserted { $0.order.append(text) } }
    }
}

/// An app that joins two topics of texts, and puts out what comes: `l1+r1`, `l2+-`.
struct JoinApp: Sendable {
    struct Refused: Error {}

    let app: App
    let left: Topic<String?, String>
    let right: Topic<String?, String>
    let output: Topic<String?, String>
    let join: StreamJoin<String?, String>
    /// The values of events in the order in which they were processed for the first time.
    let order = OrderLog()
    /// The results whose handling fails, and how often.
    let failing: Watched<[String: Int]>
    let late = Watched<[String]>([])

    init(
        _ kind: JoinKind = .inner,
        within difference: Duration = .seconds(10),
        grace: Duration = .zero,
        partitions: Int = 1,
        onError: ErrorPolicy = .stop,
        failing: [String: Int] = [:],
        change: (StreamJoin<String?, String>) -> StreamJoin<String?, String> = { $0 },
        configure: (inout Settings) -> Void = { _ in }
    ) {
        let app = kitApp("joins", partitions: partitions, configure: configure)
        let (order, late, failures) = (order, late, Watched(failing))
        let schema = Schema<String?, String>(
            key: Serde<String?>.keyDefault,
            value: Serde(
                "text",
                encode: { Bytes($0) },
                decode: { bytes in
                    let text = String(bytes)
                    if text.hasPrefix("bad") { throw FaustError(.decode, "a bad text") }
                    order.note(text)
                    return text
                }
            )
        )
        left = app.topic("left", schema: schema)
        right = app.topic("right", schema: schema)
        output = app.topic("output", key: String?.self, value: String.self)
        let plain: StreamJoin<String?, String> =
            switch kind {
            case .inner: left.join(right, within: difference, grace: grace) { "\($0)+\($1)" }
            case .left: left.leftJoin(right, within: difference, grace: grace) { "\($0)+\($1 ?? "-")" }
            case .outer: left.outerJoin(right, within: difference, grace: grace) { "\($0 ?? "-")+\($1 ?? "-")" }
            }
        join = change(plain)
        join.onLate { message in late.update { $0.append(message.value.map { String($0) } ?? "") } }
        self.failing = failures
        self.app = app
        let output = output
        app.agent("joiner", join, onError: onError) { stream in
            for try await (key, result) in stream.items() {
                let fails = failures.update { failures in
                    guard let rest = failures[result], rest > 0 else { return false }
                    failures[result] = rest - 1
                    return true
                }
                if fails { throw Refused() }
                try await output.post(result, key: key)
            }
        }
    }

    /// The table in which events wait.
    var table: TableCore<JoinKey, JoinEntry>? {
        app.declarations.withLock { $0.tables.compactMap { ($0 as? JoinTable)?.core }.first }
    }

    /// How many events wait.
    var waiting: Int { (try? table?.count(in: JoinKey.all)) ?? -1 }
}

extension TestKit {
    func send(_ input: JoinInput, to app: JoinApp) async throws {
        try await send(
            input.id,
            key: input.key,
            to: input.side == .left ? app.left : app.right,
            timestamp: Timestamp(milliseconds: start.milliseconds + input.time)
        )
    }

    func left(_ app: JoinApp, _ id: String, _ key: String = "k", at time: Int64) async throws {
        try await send(JoinInput(side: .left, id: id, key: key, time: time), to: app)
    }

    func right(_ app: JoinApp, _ id: String, _ key: String = "k", at time: Int64) async throws {
        try await send(JoinInput(side: .right, id: id, key: key, time: time), to: app)
    }

    /// Brings the time of the join to a moment, with events of a key that nobody else has.
    func bring(_ app: JoinApp, to time: Int64) async throws {
        try await left(app, "L\(time)", "left clock", at: time)
        try await right(app, "R\(time)", "right clock", at: time)
    }

    /// All results so far, without those of ``bring(_:to:)``.
    func results(_ app: JoinApp) async throws -> [String] {
        try await output(of: app.output).values().filter { !$0.contains("L") && !$0.contains("R") }
    }
}
