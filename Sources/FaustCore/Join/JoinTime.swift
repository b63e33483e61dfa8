// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import DequeModule

/// How far the time of a join is in one partition; a pure value.
///
/// It is the lesser of the greatest times that each of the two streams has brought, so that events of a stream that is read
/// behind the other one are not late. A stream that has brought nothing for a while does not hold it back, and when both
/// have not, it goes on with the clock. It never goes back.
///
/// **Events that come again.** An event that is delivered once more, since its body has failed or the worker has crashed,
/// must find what it found the first time. So the time that is stored, up to which entries are removed, is the one before the
/// first event that is not finished (``safe(unfinished:)``), and an event that is processed again is judged by the time that
/// was then (``time(for:_:)``). That time is remembered in steps of a granule.
struct JoinTime: Sendable {
    /// What is stored of a partition: what comes again after a crash is judged by it.
    struct Stored: Sendable, Equatable {
        /// The time; `nil` when there was none.
        var now: Int64?
        /// The greatest times of both streams; `nil` before their first events.
        var greatest = JoinPair<Int64?>(nil, nil)

        static func == (left: Stored, right: Stored) -> Bool {
            left.now == right.now && left.greatest.left == right.greatest.left
                && left.greatest.right == right.greatest.right
        }

        init(now: Int64? = nil, greatest: JoinPair<Int64?> = JoinPair(nil, nil)) {
            (self.now, self.greatest) = (now, greatest)
        }

        /// Reads an array of the time and those of left and right.
        init(_ bytes: Bytes) throws {
            let numbers = try JSON.decode([Int64?].self, from: bytes)
            guard numbers.count == 3 else { throw FaustError(.decode, "the time of a join can't be read") }
            self.init(now: numbers[0], greatest: JoinPair(numbers[1], numbers[2]))
        }

        var bytes: Bytes {
            let numbers = [now, greatest.left, greatest.right].map { $0.map { "\($0)" } ?? "null" }
            return Bytes("[\(numbers.joined(separator: ","))]")
        }
    }

    private struct Mark: Sendable {
        let offset: Int64
        /// The time before the event of that offset; `.min` when there was none.
        let time: Int64
    }

    private struct Stream: Sendable {
        /// The greatest time of an event.
        var greatest: Int64?
        var hasNews = false
        var isIdle = false
        /// When something came last, by the app's clock.
        var lastNews: Duration
        /// When it was looked last whether something waits to be read.
        var lastLook: Duration
        /// The offset of the last event that was processed for the first time; -1 before the first.
        var processed: Int64 = -1
        /// Under which assignment that was.
        var epoch: UInt64?
        var marks = Deque<Mark>()
    }

    /// The time; `nil` before there is one.
    private(set) var now: Int64?
    private var streams: JoinPair<Stream>
    private let granule: Int64

    /// The time of a partition that is taken up.
    ///
    /// - Parameters:
    ///   - stored: What was stored.
    ///   - elapsed: What the app's clock shows.
    ///   - granule: How exactly earlier times are remembered, in milliseconds.
    init(_ stored: Stored, elapsed: Duration, granule: Int64) {
        now = stored.now
        streams = stored.greatest.map { Stream(greatest: $0 ?? stored.now, lastNews: elapsed, lastLook: elapsed) }
        self.granule = granule
    }

    // MARK: Events

    /// Notes an event, and moves the time on.
    ///
    /// - Returns: The time that the event is judged by.
    mutating func note(_ side: JoinSide, at time: Int64, offset: Int64, epoch: UInt64) -> Int64 {
        if streams[side].epoch != epoch {
            // Another assignment: offsets may begin anew.
            (streams[side].epoch, streams[side].processed, streams[side].marks) = (epoch, -1, [])
        }
        guard offset > streams[side].processed else { return self.time(for: side, offset) }
        let before = now ?? .min
        let last = streams[side].marks.last?.time
        if last.map({ before > $0.addingReportingOverflow(granule).partialValue }) ?? true {
            streams[side].marks.append(Mark(offset: offset, time: before))
        }
        streams[side].processed = offset
        streams[side].greatest = max(streams[side].greatest ?? .min, time)
        streams[side].hasNews = true
        streams[side].isIdle = false
        advance()
        return now ?? .min
    }

    /// The time that an event is judged by that is processed again: no later than what it was before the first time.
    func time(for side: JoinSide, _ offset: Int64) -> Int64 {
        guard offset <= streams[side].processed else { return now ?? .min }
        return streams[side].marks.last { $0.offset <= offset }?.time ?? .min
    }

    private mutating func advance() {
        var candidate: Int64?
        switch (streams.left.isIdle, streams.right.isIdle) {
        case (false, false):
            guard let left = streams.left.greatest, let right = streams.right.greatest else { return }
            candidate = min(left, right)
        case (true, false): candidate = streams.right.greatest
        case (false, true): candidate = streams.left.greatest
        case (true, true): return
        }
        if let candidate { now = max(now ?? .min, candidate) }
    }

    // MARK: The clock

    /// Whether a stream has brought nothing for so long that it has to be looked, now, why that is so.
    func isSilent(_ side: JoinSide, _ elapsed: Duration) -> Bool {
        guard !streams[side].hasNews else { return false }
        return elapsed - max(streams[side].lastNews, streams[side].lastLook) >= Silence.limit
    }

    /// Notes what a look has found.
    ///
    /// - Parameters:
    ///   - side: The stream.
    ///   - elapsed: What the app's clock shows.
    ///   - isBehind: Whether something waits to be read or finished: then the stream is not silent.
    mutating func noteLook(_ side: JoinSide, _ elapsed: Duration, isBehind: Bool) {
        streams[side].lastLook = elapsed
        if isBehind { streams[side].lastNews = elapsed }
    }

    /// Finds out which streams are silent, and moves the time on if that makes a difference.
    ///
    /// - Parameters:
    ///   - elapsed: What the app's clock shows.
    ///   - isBusy: Whether events of the streams wait or are in hand.
    mutating func tick(_ elapsed: Duration, isBusy: JoinPair<Bool>) {
        for side in JoinSide.allCases {
            if streams[side].hasNews || isBusy[side] { streams[side].lastNews = elapsed }
            streams[side].hasNews = false
            streams[side].isIdle = elapsed - streams[side].lastNews >= Silence.limit
        }
        guard streams.left.isIdle, streams.right.isIdle else { return advance() }
        let greatest = [streams.left.greatest, streams.right.greatest, now].compactMap { $0 }.max()
        guard let greatest else { return }
        let silence = elapsed - max(streams.left.lastNews, streams.right.lastNews)
        now = max(now ?? .min, Silence.time(greatest, after: silence))
    }

    // MARK: Commits

    /// The time before all events that are not finished: what comes again after a crash finds everything that it needs, if
    /// only what is of no use at this time is removed.
    ///
    /// - Parameter unfinished: The lowest offset of each stream that is not finished.
    /// - Returns: The time, and how far each stream has brought it without events that are not finished.
    mutating func safe(unfinished: JoinPair<Int64?>) -> Stored {
        var safe = Stored(now: now, greatest: streams.map(\.greatest))
        var isAhead = JoinPair(false, false)
        for side in JoinSide.allCases {
            let first = unfinished[side] ?? .max
            while streams[side].marks.count > 1, streams[side].marks[1].offset <= first {
                streams[side].marks.removeFirst()
            }
            guard first <= streams[side].processed else { continue }
            isAhead[side] = true
            safe.now = safe.now.map { min($0, time(for: side, first)) }
        }
        if safe.now == .min { safe.now = nil }
        for side in JoinSide.allCases where isAhead[side] { safe.greatest[side] = safe.now }
        return safe
    }
}
