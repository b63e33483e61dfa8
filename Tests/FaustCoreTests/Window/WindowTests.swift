// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Testing

@Suite("Window")
struct WindowTests {
    /// The windows that have a time in them, found by looking at every possible start.
    private func modelRanges(_ time: Int64, size: Int64, step: Int64) -> [WindowRange] {
        var ranges: [WindowRange] = []
        for start in time - size - step...time + step {
            let isStart = ((start % step) + step) % step == 0
            guard isStart, start <= time, time < start + size else { continue }
            ranges.append(WindowRange(from: .init(milliseconds: start), before: .init(milliseconds: start + size)))
        }
        return ranges
    }

    @Test("thousands of random times are in exactly the windows that a search finds")
    func hopping() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<5_000 {
            let size = Int64.random(in: 1...200, using: &random)
            let step = Int64.random(in: 1...size, using: &random)
            let time = Int64.random(in: -1_000...1_000, using: &random)
            let window = Window.hopping(.milliseconds(size), step: .milliseconds(step))
            let expected = modelRanges(time, size: size, step: step)
            let at = Timestamp(milliseconds: time)
            #expect(window.ranges(at: at) == expected, "size \(size), step \(step), time \(time)")
            #expect(window.current(at: at) == expected.last)
            #expect(window.earliest(at: at) == expected.first)
            let ago = Int64.random(in: 0...500, using: &random)
            let before = modelRanges(time - ago, size: size, step: step).last
            #expect(window.delta(at: at, .milliseconds(ago)) == before)
        }
    }

    @Test("tumbling windows have every millisecond in exactly one")
    func tumbling() {
        let window = Window.tumbling(.milliseconds(250))
        for time in Int64(-1_000)...1_000 {
            let ranges = window.ranges(at: Timestamp(milliseconds: time))
            #expect(ranges.count == 1)
            #expect(ranges[0].contains(Timestamp(milliseconds: time)))
            #expect(ranges[0].start.milliseconds % 250 == 0)
            #expect(ranges[0].duration == .milliseconds(250))
        }
    }

    @Test("windows close and expire at exactly their end plus grace or expiry")
    func lifetimes() {
        let window = Window.tumbling(.seconds(10), expires: .seconds(60), grace: .milliseconds(1_500))
        let range = window.current(at: Timestamp(milliseconds: 25_000))
        #expect(range.description == "[20.0, 30.0]")
        #expect(!window.isClosed(range, at: Timestamp(milliseconds: 31_499)))
        #expect(window.isClosed(range, at: Timestamp(milliseconds: 31_500)))
        #expect(!window.isExpired(range, at: Timestamp(milliseconds: 89_999)))
        #expect(window.isExpired(range, at: Timestamp(milliseconds: 90_000)))
        #expect(!Window.tumbling(.seconds(10)).isExpired(range, at: Timestamp(milliseconds: .max)))
    }

    @Test("sessions are what grouping the sorted times by gaps gives, in whatever order the events come")
    func sessions() {
        var random = SeededRandom(seed: 12)
        for _ in 0..<2_000 {
            let gap = Int64.random(in: 1...30, using: &random)
            let times = (0..<Int.random(in: 1...25, using: &random))
                .map { _ in Int64.random(in: 0...300, using: &random) }
            let window = Window.session(gap: .milliseconds(gap))
            var sessions: Set<WindowRange> = []
            var counts: [WindowRange: Int] = [:]
            for time in times {
                let (session, absorbed) = window.merge(Timestamp(milliseconds: time), into: sessions)
                let count = absorbed.reduce(1) { $0 + (counts.removeValue(forKey: $1) ?? 0) }
                sessions.subtract(absorbed)
                sessions.insert(session)
                counts[session] = count
            }
            var expected: [(start: Int64, last: Int64, count: Int)] = []
            for time in times.sorted() {
                if let last = expected.last, time - last.last < gap {
                    expected[expected.count - 1] = (last.start, time, last.count + 1)
                } else {
                    expected.append((time, time, 1))
                }
            }
            let model = expected.map { entry in
                (
                    WindowRange(from: .init(milliseconds: entry.start), before: .init(milliseconds: entry.last + gap)),
                    entry.count
                )
            }
            #expect(counts == Dictionary(uniqueKeysWithValues: model))
        }
    }

    @Test("times far off any calendar do not trap", arguments: [Int64.min, .min + 1, -1 << 61, 1 << 61, .max])
    func extremes(_ time: Int64) {
        let at = Timestamp(milliseconds: time)
        for window in [
            Window.hopping(.seconds(10), step: .seconds(3), expires: .seconds(Int64.max / 4), grace: .seconds(5)),
            Window.session(gap: .seconds(3)),
        ] {
            for range in window.ranges(at: at) {
                #expect(range.start < range.end)
                _ = window.isClosed(range, at: at)
                _ = window.isExpired(range, at: at)
            }
            _ = window.delta(at: at, .seconds(Int64.max / 2))
            _ = window.merge(at, into: [window.current(at: at)])
        }
        _ = WindowRange(from: Timestamp(milliseconds: .min), before: Timestamp(milliseconds: .max)).duration
    }

    @Test(
        "seconds are written as Python writes floats",
        arguments: [
            (0, "0.0"), (60_000, "60.0"), (1_500, "1.5"), (250, "0.25"), (1, "0.001"), (-1_500, "-1.5"), (-1, "-0.001"),
            (1_700_000_000_123, "1700000000.123"), (1_700_000_000_120, "1700000000.12"),
        ]
    )
    func seconds(_ milliseconds: Int64, _ text: String) {
        let range = WindowRange(from: .init(milliseconds: milliseconds), before: .init(milliseconds: 10_000))
        #expect(range.description == "[\(text), 10.0]")
    }
}
