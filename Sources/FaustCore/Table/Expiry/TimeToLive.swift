// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// How long the entries of a table live, and when those were written that are on their way to the store.
///
/// The time is that of the stream, see ``WindowTimes``: it never goes back, so that a late event does not make an entry older.
/// The store has the time in front of each value, and besides a key without a value for each stretch of time in which an
/// entry was written, in the order of time. Such a key is not removed when the entry is written again; it is looked at when
/// its stretch expires, and means nothing if the entry is younger. So a write costs one more key and no look-up. Stretches
/// are a 64th of the time to live, so that an entry has 65 such keys at most, however often it is written.
///
/// The changelog has keys and values as those of any table, and the time as that of the message.
final class TimeToLive: Sendable {
    /// In milliseconds.
    let length: Int64
    let times: WindowTimes
    private let stretch: Int64
    private let clock: AppClock
    private let written = Mutex<[Int32: [Bytes: Int64]]>([:])
    /// What the store's keys of entries begin with.
    static let entryLead: Bytes = [1]
    /// What the store's keys of the order of expiry begin with.
    private static let orderLead: Bytes = [0]
    private static let timeCount = 8

    init(milliseconds length: Int64, clock: AppClock) {
        self.length = length
        self.clock = clock
        stretch = max(length / 64, 1)
        times = WindowTimes(clock: clock)
    }

    // MARK: Time

    /// Notes that a key is written, with the event of a scope in hand.
    func noteWrite(_ key: Bytes, in partition: Int32, _ scope: EventScope?) {
        let time = scope?.timestampMilliseconds.map { Timestamp(milliseconds: $0) }
        let latest = times.streamTime(of: partition)
        if let time { _ = times.note(time, in: partition) }
        let streamTime = times.streamTime(of: partition) ?? latest ?? Timestamp(milliseconds: clock.now())
        written.withLock { $0[partition, default: [:]][key] = streamTime.milliseconds }
    }

    /// The time when a key was written that is handed over.
    func takeTime(of key: Bytes, in partition: Int32) -> Int64 {
        written.withLock { $0[partition]?.removeValue(forKey: key) }
            ?? times.streamTime(of: partition)?.milliseconds ?? clock.now()
    }

    /// Forgets what was written to a partition, or to all.
    func forget(_ partition: Int32? = nil) {
        written.withLock { written in
            if let partition { written[partition] = nil } else { written = [:] }
        }
    }

    /// The last moment of the latest stretch that has expired.
    func bound(at streamTime: Int64) -> Int64 {
        let (bound, isBeyond) = streamTime.subtractingReportingOverflow(length)
        return isBeyond ? .min : bound
    }

    /// The last moment of the stretch that a time is in.
    private func end(of time: Int64) -> Int64 {
        let rest = time % stretch
        let start = time - (rest < 0 ? rest + stretch : rest)
        let (end, isBeyond) = start.addingReportingOverflow(stretch - 1)
        return isBeyond ? .max : end
    }

    // MARK: The store

    /// Puts an entry and its place in the order of expiry into a batch.
    func put(_ key: Bytes, _ value: Bytes, writtenAt time: Int64, into batch: inout StoreBatch) {
        batch.put(key, orderedBytes(of: time).appending(value))
        batch.put(Self.orderLead.appending(orderedBytes(of: end(of: time))).appending(key), .empty)
    }

    /// When a value of the store was written.
    static func time(ofStored bytes: Bytes) -> Int64 {
        guard bytes.count >= timeCount, let time: Int64 = try? integer(ofOrdered: bytes[0..<timeCount]) else {
            return .min
        }
        return time
    }

    /// A value of the store without its time.
    static func value(ofStored bytes: Bytes) -> Bytes {
        bytes.count >= timeCount ? bytes[timeCount...] : .empty
    }

    /// The places of what was written no later than some time.
    static func order(upTo time: Int64) -> StoreRange {
        let bound = time == .max ? entryLead : orderLead.appending(orderedBytes(of: time + 1))
        return StoreRange(from: orderLead, before: bound)
    }

    /// The last moment of the stretch of a place, and the entry's key.
    static func place(_ bytes: Bytes) throws -> (end: Int64, key: Bytes) {
        let start = orderLead.count
        guard bytes.count > start + timeCount else {
            throw FaustError(.corruption, "a place in the order of expiry has \(bytes.count) bytes")
        }
        return (try integer(ofOrdered: bytes[start..<start + timeCount]), bytes[(start + timeCount)...])
    }
}

extension Bytes {
    /// These bytes with others behind them.
    func appending(_ other: some Collection<UInt8>) -> Bytes {
        Bytes(
            ByteStorage(count: count + other.count) { buffer in
                let end = buffer.initialize(from: self).1
                _ = UnsafeMutableBufferPointer(rebasing: buffer[end...]).initialize(from: other)
                return buffer.count
            }
        )
    }
}
