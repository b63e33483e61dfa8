// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("Arrays of events, on a timeline", .timeLimit(.minutes(2)))
struct TakeMarbleTests {
    private static let wholesRows = [
        MarbleRow("take", "a-bc-d", "--[ab]--[cd]", committed: "002224") { stream, draw in
            for try await values in stream.take(2) { draw(values.joined()) }
        },
        MarbleRow("take of one", "a-bc", "a-bc", committed: "1123") { stream, draw in
            for try await values in stream.take(1) { draw(values.joined()) }
        },
        MarbleRow("take, while the body works", "(ab)(cd)--", "[ab]--[cd]", committed: "0002") { stream, draw in
            for try await values in stream.take(2) {
                draw(values.joined())
                try await draw.pause(seconds: 3)
            }
        },
        MarbleRow("takeEvents", "a-bc-d", "--[0a1b]--[2c3d]", committed: "002224") { stream, draw in
            for try await events in stream.takeEvents(2) {
                draw(events.map { "\($0.message.offset)\($0.key)" }.joined())
            }
        },
        MarbleRow("takeWithTimestamp", "a-bc-d", "--[a0b2]--[c3d5]", committed: "002224") { stream, draw in
            for try await values in stream.takeWithTimestamp(2) {
                draw(values.map { "\($0.value)\(draw.second(of: $0.timestamp))" }.joined())
            }
        },
        MarbleRow("behind a filter", "abc-a", "--[ac]--", committed: "00333") { stream, draw in
            for try await values in stream.filter({ $0 != "b" }).take(2) { draw(values.joined()) }
        },
        MarbleRow("behind a filter that drops at the end", "acb", "-[ac]-", committed: "023") { stream, draw in
            for try await values in stream.filter({ $0 != "b" }).take(2) { draw(values.joined()) }
        },
        MarbleRow("a message whose values are in two arrays", "abc", "-[aAb][BcC]", committed: "013") {
            stream,
            draw in
            for try await values in stream.flatMap({ [$0, $0.uppercased()] }).take(3) { draw(values.joined()) }
        },
    ]

    @Test("an array is finished as a whole", arguments: wholesRows)
    func wholes(_ row: MarbleRow) async throws {
        try await row.check()
    }

    private static let timesRows = [
        MarbleRow("take", "ab----c--", "--[ab]-----c", committed: "002222223") { stream, draw in
            for try await values in stream.take(3, within: .seconds(2)) { draw(values.joined()) }
        },
        MarbleRow("full before it is over", "(abc)-d--", "[ab]-[cd]--", committed: "22444") { stream, draw in
            for try await values in stream.take(2, within: .seconds(3)) { draw(values.joined()) }
        },
        MarbleRow("the time of the next array", "(abc)d---", "[ab]-[cd]--", committed: "00444") { stream, draw in
            for try await values in stream.take(2, within: .seconds(2)) {
                draw(values.joined())
                // The time of what waits begins when it is looked at.
                if values == ["a", "b"] { try await draw.pause(seconds: 2) }
            }
        },
        MarbleRow("of a value that is not dropped", "ba--", "---a", committed: "1112") { stream, draw in
            for try await values in stream.filter({ $0 != "b" }).take(3, within: .seconds(2)) {
                draw(values.joined())
            }
        },
        MarbleRow("takeEvents", "ab----c--", "--[ab]-----c", committed: "002222223") { stream, draw in
            for try await events in stream.takeEvents(3, within: .seconds(2)) { draw(events.map(\.value).joined()) }
        },
        MarbleRow("takeWithTimestamp", "ab---", "--[01]--", committed: "00222") { stream, draw in
            for try await values in stream.takeWithTimestamp(3, within: .seconds(2)) {
                draw(values.map { "\(draw.second(of: $0.timestamp))" }.joined())
            }
        },
    ]

    @Test("the time runs from the first value", arguments: timesRows)
    func times(_ row: MarbleRow) async throws {
        try await row.check()
    }

    private static let unacknowledgedRows = [
        MarbleRow("never", "abcd|", "-[ab]-[cd]-", committed: "00000") { stream, draw in
            for try await values in stream.noack().take(2) { draw(values.joined()) }
        },
        MarbleRow("only up to the first one that is not", "abcd|", "-[ab]-[cd]-", committed: "01111") { stream, draw in
            for try await events in stream.noack().takeEvents(2) {
                draw(events.map(\.value).joined())
                events[0].ack()
            }
        },
        MarbleRow("all of them after a while", "ab---", "-[ab]---", committed: "00002") { stream, draw in
            for try await events in stream.noack().takeEvents(2) {
                draw(events.map(\.value).joined())
                try await draw.pause(seconds: 3)
                for event in events { event.ack() }
            }
        },
        MarbleRow("what a filter drops, by itself", "abc", "--[bc]", committed: "111") { stream, draw in
            for try await values in stream.noack().filter({ $0 != "a" }).take(2) { draw(values.joined()) }
        },
    ]

    @Test("unacknowledged arrays are finished by hand", arguments: unacknowledgedRows)
    func unacknowledged(_ row: MarbleRow) async throws {
        try await row.check()
    }

    private static let unfinishedRows = [
        MarbleRow("comes when the worker stops", "ab|", "--[ab]", committed: "002") { stream, draw in
            for try await values in stream.take(5, within: .seconds(60)) { draw(values.joined()) }
        },
        MarbleRow("comes when the worker stops, without a time", "ab|", "--[ab]", committed: "002") {
            stream,
            draw in
            for try await values in stream.take(5) { draw(values.joined()) }
        },
        MarbleRow("begins anew after a crash", "ab*c", "--[ab][abc]", committed: "0003") { stream, draw in
            for try await values in stream.take(3) { draw(values.joined()) }
        },
        MarbleRow("of events begins anew after a crash", "ab*c", "--[ab][abc]", committed: "0003") { stream, draw in
            for try await events in stream.takeEvents(3) { draw(events.map(\.value).joined()) }
        },
    ]

    // When its worker crashes a loop gets what it has, like any loop whose stream ends. Nothing of it counts.
    @Test("an array that is not full", arguments: unfinishedRows)
    func unfinished(_ row: MarbleRow) async throws {
        try await row.check()
    }

    @Test("tables can be written for the partition of the array")
    func tables() async throws {
        let marbles = Marbles()
        let counts = marbles.app.table("counts", key: String.self, default: 0)
        marbles.agent { stream, draw in
            for try await values in stream.take(3, within: .seconds(2)) {
                for value in values { counts[value] += 1 }
                draw(values.map { "\($0)\(counts[$0])" }.joined())
            }
        }
        let played = try await marbles.play("(aab)a*---")
        // The crash hands out the array that was begun, but nothing of it counts: it begins anew at second 2.
        #expect(played.output == "[a2a2b1]-[a3]-[a3]-")
        #expect(played.committed == ["333344"])
    }
}
