// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// What time it is for the timers of each partition.
final class TimerTime: Sendable {
    private struct Partition: Sendable {
        /// The greatest time of an event, in milliseconds since 1970; `nil` before the first.
        var streamTime: Int64?
        /// What a commit has handed over.
        var handedOver: Int64?
        /// What the store has.
        var stored: Int64?
        /// How long no event has come.
        var silence: Silence
    }

    private let basis: TimerBasis
    private let clock: AppClock
    private let partitions = Mutex<[Int32: Partition]>([:])

    init(_ basis: TimerBasis, clock: AppClock) {
        self.basis = basis
        self.clock = clock
    }

    /// Whether time passes by itself.
    var isClock: Bool { basis == .clock }

    /// The time of a partition; `nil` before the first event.
    func now(_ partition: Int32) -> Int64? {
        switch basis {
        case .clock: clock.now()
        case .event: partitions.withLock { $0[partition]?.streamTime }
        }
    }

    /// Notes the time of an event; one that is earlier than others changes nothing.
    func note(_ time: Int64, in partition: Int32) {
        guard basis == .event else { return }
        let now = clock.elapsed()
        partitions.withLock { partitions in
            let before = partitions[partition]?.streamTime ?? .min
            partitions[partition]?.streamTime = max(before, time)
            partitions[partition]?.silence.start = now
        }
    }

    /// Whether no event has come for so long that the time of a partition would go on with the clock.
    func isSilent(_ partition: Int32) -> Bool {
        guard basis == .event else { return false }
        let now = clock.elapsed()
        return partitions.withLock { partitions in
            guard let known = partitions[partition], known.streamTime != nil else { return false }
            return known.silence.isLong(at: now)
        }
    }

    /// Has the silence of a partition begin now.
    func noteDelay(_ partition: Int32) {
        let now = clock.elapsed()
        partitions.withLock { $0[partition]?.silence.start = now }
    }

    /// Moves the time of a partition on with the clock, if no event has come for a while.
    func followClock(_ partition: Int32) {
        guard basis == .event else { return }
        let now = clock.elapsed()
        partitions.withLock { partitions in
            guard var time = partitions[partition]?.streamTime else { return }
            partitions[partition]?.silence.pass(&time, at: now)
            partitions[partition]?.streamTime = time
        }
    }

    // MARK: Partitions and commits

    /// Takes up a partition as its store has it.
    func open(_ partition: Int32, _ stored: Bytes?) throws {
        let time = try stored.map { try JSON.decode(Int64.self, from: $0) }
        let now = clock.elapsed()
        partitions.withLock { $0[partition] = Partition(streamTime: time, stored: time, silence: Silence(start: now)) }
    }

    /// Hands over how far a partition is, if there is news.
    func handOver(_ partition: Int32) -> Bytes? {
        partitions.withLock { partitions in
            guard let known = partitions[partition], let time = known.streamTime, time != known.stored else {
                return nil
            }
            partitions[partition]?.handedOver = time
            return Bytes("\(time)")
        }
    }

    /// Notes that what was handed over is stored.
    func settle() {
        partitions.withLock { partitions in
            for partition in partitions.keys {
                guard let time = partitions[partition]?.handedOver else { continue }
                partitions[partition]?.stored = time
                partitions[partition]?.handedOver = nil
            }
        }
    }

    /// Goes back to what is stored.
    func rollBack() {
        partitions.withLock { partitions in
            for (partition, known) in partitions {
                partitions[partition]?.streamTime = known.stored
                partitions[partition]?.handedOver = nil
            }
        }
    }
}
