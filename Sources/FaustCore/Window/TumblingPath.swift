// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The short way from the event in hand to the entry that it changes, for tumbling windows and keys that stores have as
/// they are.
///
/// Nothing on it depends on the types of the table, so that it consists of plain calls, and the key of the entry is put
/// together on the stack. Whatever is out of the ordinary, such as a late event, is left to ``WindowMethod``.
@usableFromInline
final class TumblingPath: Sendable {
    private let window: Window
    private let times: WindowTimes
    private let life: TableLife
    private let clock: AppClock
    /// Longer keys go the long way.
    private static let longestKey = 1_024

    init(_ window: Window, _ times: WindowTimes, _ life: TableLife, _ clock: AppClock) {
        (self.window, self.times, self.life, self.clock) = (window, times, life, clock)
    }

    /// Finds the partition and the entry that a change of a key belongs to.
    ///
    /// The time of the stream moves on, whether the change comes about or not.
    ///
    /// - Parameters:
    ///   - key: The key, as the store has it, without a window.
    ///   - relativity: What time the change is about.
    ///   - body: Gets the partition and the key of the entry, which must not escape; is called once at most.
    @usableFromInline
    func withEntry(
        _ key: UnsafeRawBufferPointer,
        _ relativity: WindowRelativity,
        _ body: (TableLife.Spot, UnsafeRawBufferPointer) -> Void
    ) {
        guard key.count <= Self.longestKey, let spot = life.spot(), let time = relativity.time(in: spot.scope, clock)
        else {
            return
        }
        let streamTime = times.note(time, in: Int32(truncatingIfNeeded: spot.number))
        let range = window.current(at: time)
        guard !window.isClosed(range, at: Timestamp(milliseconds: streamTime)) else { return }
        let layout = WindowLayout.byStart
        withUnsafeTemporaryAllocation(byteCount: layout.byteCount(key.count), alignment: 8) { entry in
            layout.write(range, key, to: entry)
            body(spot, UnsafeRawBufferPointer(entry))
        }
    }
}
