// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// How far the time of each partition of a windowed table is.
///
/// The time of a partition is the greatest timestamp that was written to it. When nothing is written for a while, although
/// nothing waits to be read (see ``Backlog``), it goes on with the clock, so that windows close although nothing comes.
final class WindowTimes: Sendable {
    /// How far a partition is.
    struct Times: Sendable, Equatable {
        /// The greatest timestamp that was written, in milliseconds; `nil` before the first.
        var streamTime: Int64?
        /// The time up to which windows were closed.
        var closedUpTo = Int64.min
    }

    private struct Partition: Sendable {
        var times: Times
        /// What a commit has handed over.
        var handedOver: Times?
        /// What the store has.
        var stored: Times
        /// How long nothing was written.
        var silence: Silence

        /// Notes a write.
        ///
        /// - Returns: The time of the stream after it.
        mutating func write(_ time: Int64, at now: Duration) -> Int64 {
            let streamTime = max(times.streamTime ?? .min, time)
            times.streamTime = streamTime
            silence.start = now
            return streamTime
        }
    }

    let clock: AppClock
    private let partitions = Mutex(PartitionArray<Partition>())

    init(clock: AppClock) {
        self.clock = clock
    }

    /// Notes a write at some time.
    ///
    /// - Returns: The time of the stream after it, in milliseconds.
    func note(_ time: Timestamp, in partition: Int32) -> Int64 {
        let now = clock.elapsed()
        return partitions.withLock { partitions in
            partitions[partition]?.write(time.milliseconds, at: now) ?? time.milliseconds
        }
    }

    /// How far the closing of windows of a partition is.
    func closedUpTo(of partition: Int32) -> Int64 {
        partitions.withLock { $0[partition]?.times.closedUpTo } ?? .min
    }

    /// The time of a partition; `nil` before the first write.
    func streamTime(of partition: Int32) -> Timestamp? {
        partitions.withLock { $0[partition]?.times.streamTime }.map { Timestamp(milliseconds: $0) }
    }

    /// Whether nothing was written to a partition for so long that its time would go on with the clock.
    func isSilent(_ partition: Int32) -> Bool {
        let now = clock.elapsed()
        return partitions.withLock { partitions in
            guard let known = partitions[partition], known.times.streamTime != nil else { return false }
            return known.silence.isLong(at: now)
        }
    }

    /// Has the silence of a partition begin now.
    func noteDelay(_ partition: Int32) {
        let now = clock.elapsed()
        partitions.withLock { $0[partition]?.silence.start = now }
    }

    /// Moves the time of a partition on with the clock, if nothing was written for a while.
    ///
    /// - Returns: How far the partition is; `nil` before the first write.
    func advance(_ partition: Int32) -> Times? {
        let now = clock.elapsed()
        return partitions.withLock { partitions in
            guard var streamTime = partitions[partition]?.times.streamTime else { return nil }
            partitions[partition]?.silence.pass(&streamTime, at: now)
            partitions[partition]?.times.streamTime = streamTime
            return partitions[partition]?.times
        }
    }

    /// Notes that the windows up to a time were closed.
    func noteClosed(_ partition: Int32, upTo time: Int64) {
        partitions.withLock { $0[partition]?.times.closedUpTo = time }
    }

    // MARK: Partitions and commits

    /// Takes up a partition as its store has it.
    func open(_ partition: Int32, _ stored: Bytes?) throws {
        var times = Times()
        if let stored {
            let numbers = try JSON.decode([Int64].self, from: stored)
            guard numbers.count == 2 else { throw FaustError(.decode, "the time of a windowed table can't be read") }
            times = Times(streamTime: numbers[0], closedUpTo: numbers[1])
        }
        let now = clock.elapsed()
        partitions.withLock { $0[partition] = Partition(times: times, stored: times, silence: Silence(start: now)) }
    }

    /// Hands over how far a partition is.
    ///
    /// - Returns: What is to be stored; `nil` when it is there already.
    func handOver(_ partition: Int32) -> Bytes? {
        let times = partitions.withLock { partitions -> Times? in
            guard let known = partitions[partition], known.times != known.stored else { return nil }
            partitions[partition]?.handedOver = known.times
            return known.times
        }
        guard let times, let streamTime = times.streamTime else { return nil }
        return Bytes("[\(streamTime),\(times.closedUpTo)]")
    }

    /// Notes that what was handed over is stored.
    func settle() {
        partitions.withLock { partitions in
            for partition in partitions.numbers {
                guard let times = partitions[partition]?.handedOver else { continue }
                partitions[partition]?.stored = times
                partitions[partition]?.handedOver = nil
            }
        }
    }

    /// Goes back to what is stored.
    ///
    /// - Returns: The partitions.
    func rollBack() -> [Int32] {
        partitions.withLock { partitions in
            let numbers = partitions.numbers
            for partition in numbers {
                if let stored = partitions[partition]?.stored { partitions[partition]?.times = stored }
                partitions[partition]?.handedOver = nil
            }
            return numbers
        }
    }
}
