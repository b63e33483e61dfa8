// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Where start, end and key of a windowed key lie in the store.
///
/// The order is that of time, so that what closes and what expires is one range. A layout may have **companions**: for
/// each entry a second one without a value, in the order of the keys, by which the windows of a key are found. The store
/// has them, the changelog does not.
struct WindowLayout: Sendable, Hashable {
    /// Which of the two times comes first.
    let startsFirst: Bool
    /// Whether each entry has a companion.
    let hasCompanions: Bool

    /// Start, end, key.
    static let byStart = WindowLayout(startsFirst: true, hasCompanions: false)
    /// Start, end, key; with companions.
    static let byStartAndKey = WindowLayout(startsFirst: true, hasCompanions: true)
    /// End, start, key; with companions.
    static let byEndAndKey = WindowLayout(startsFirst: false, hasCompanions: true)

    /// The changelog's key of how far a partition's time is; the store has it under no bytes at all.
    static let markerKey: Bytes = "\"faust.window.time\""
    private static let timeCount = 8
    /// What companions start with; no time that is less than a hundred million years away does.
    private static let companionMark: UInt8 = 1

    func bytes(_ window: WindowRange, _ key: Bytes) -> Bytes {
        Bytes(
            ByteStorage(count: byteCount(key.count)) { buffer in
                key.withUnsafeBytes { write(window, $0, to: UnsafeMutableRawBufferPointer(buffer)) }
                return buffer.count
            }
        )
    }

    /// How many bytes a key of some bytes has together with a window.
    func byteCount(_ keyCount: Int) -> Int { 2 * Self.timeCount + keyCount }

    /// Writes a key together with a window into memory, of which it fills ``byteCount(_:)``.
    func write(_ window: WindowRange, _ key: UnsafeRawBufferPointer, to buffer: UnsafeMutableRawBufferPointer) {
        let (first, second) = times(window)
        Self.write(first, to: buffer, at: 0)
        Self.write(second, to: buffer, at: Self.timeCount)
        UnsafeMutableRawBufferPointer(rebasing: buffer[(2 * Self.timeCount)...]).copyMemory(from: key)
    }

    /// What all keys of a window start with.
    func prefix(_ window: WindowRange) -> Bytes {
        bytes(window, .empty)
    }

    /// The keys of all windows whose first time is one or later and before another one.
    func range(from lowerBound: Int64?, before upperBound: Int64?) -> StoreRange {
        // Neither the marker, which has no bytes, nor a companion is in a range of windows.
        let first: Bytes = hasCompanions ? [Self.companionMark + 1] : [0]
        return StoreRange(
            from: lowerBound.map { orderedBytes(of: $0) } ?? first,
            before: upperBound.map { orderedBytes(of: $0) }
        )
    }

    func parts(of bytes: Bytes) throws -> (WindowRange, Bytes) {
        guard bytes.count >= 2 * Self.timeCount else {
            throw FaustError(.decode, "\(bytes.count) bytes are too few for a key with a window")
        }
        return (window(of: bytes), bytes[(2 * Self.timeCount)...])
    }

    /// The window of a key that is known to be whole.
    private func window(of bytes: Bytes) -> WindowRange {
        let (first, second) = (Self.time(of: bytes, at: 0), Self.time(of: bytes, at: Self.timeCount))
        return startsFirst ? WindowRange(first, second) : WindowRange(second, first)
    }

    private func times(_ window: WindowRange) -> (Int64, Int64) {
        let (start, end) = (window.start.milliseconds, window.end.milliseconds)
        return startsFirst ? (start, end) : (end, start)
    }

    // MARK: Companions

    /// The companion of an entry: the length of the key, the key, and the times.
    func companion(of bytes: Bytes) throws -> Bytes? {
        guard !bytes.isEmpty else { return nil }
        let (_, key) = try parts(of: bytes)
        return Bytes(Array(Self.companionPrefix(key)) + bytes[..<(2 * Self.timeCount)])
    }

    /// The companions of all windows of a key.
    static func companions(of key: Bytes) -> StoreRange {
        StoreRange(prefix: companionPrefix(key))
    }

    private static func companionPrefix(_ key: Bytes) -> Bytes {
        Bytes([companionMark] + orderedBytes(of: UInt32(clamping: key.count)) + key)
    }

    /// The window of a companion.
    func window(ofCompanion bytes: Bytes) throws -> WindowRange {
        guard bytes.count >= 2 * Self.timeCount else {
            throw FaustError(.corruption, "an entry of a windowed table that is too short")
        }
        return window(of: bytes[(bytes.count - 2 * Self.timeCount)...])
    }

    // MARK: Changelogs

    /// A key with its window as changelogs have it.
    ///
    /// - Parameters:
    ///   - key: The key in JSON.
    ///   - window: The window.
    /// - Returns: `[key, [start, end]]`, with the times in seconds.
    /// - Throws: ``JSONError`` when the key is nested too deep.
    static func changelogKey(_ key: Bytes, _ window: WindowRange) throws(JSONError) -> Bytes {
        var writer = JSONWriter(capacity: key.count + 48)
        writer.write(key, window)
        return try writer.finish()
    }

    /// The same of many keys, which share one buffer.
    static func changelogKeys(_ keys: [Bytes], _ windows: [WindowRange]) throws(JSONError) -> [Bytes] {
        var writer = JSONWriter(capacity: keys.reduce(0) { $0 + $1.count + 48 })
        var ends: [Int] = []
        ends.reserveCapacity(keys.count)
        for (key, window) in zip(keys, windows) {
            writer.write(key, window)
            ends.append(writer.count)
        }
        let texts = try writer.finish()
        return zip([0] + ends, ends).map { texts[$0..<$1] }
    }

    /// The key and the window of a changelog's key.
    static func changelogParts(of bytes: Bytes) throws -> (Bytes, WindowRange) {
        let key = try JSON.decode(ChangelogKey.self, from: bytes)
        return (bytes[key.base], key.window)
    }

    /// `[key, [start, end]]`, of which the key is looked at later.
    private struct ChangelogKey: JSONDecodable {
        var base = 0..<0
        var window = WindowRange(0, 0)

        init(from reader: inout JSONReader) throws(JSONError) {
            try reader.beginArray()
            guard try reader.nextElement() else { throw reader.fault(.invalidValue("a key with a window")) }
            base = try reader.readRawValue()
            guard try reader.nextElement() else { throw reader.fault(.invalidValue("a key with a window")) }
            let times = try [Double](from: &reader)
            guard times.count == 2, let start = Self.milliseconds(times[0]), let end = Self.milliseconds(times[1])
            else {
                throw reader.fault(.invalidValue("start and end of a window"))
            }
            window = WindowRange(start, end)
            if try reader.nextElement() { throw reader.fault(.invalidValue("a key with one window")) }
        }

        /// Seconds as milliseconds: a `Double` has every millisecond of the next hundred thousand years.
        private static func milliseconds(_ seconds: Double) -> Int64? {
            guard let count = Int64(exactly: (seconds * 1_000).rounded()), count.magnitude <= 1 << 61 else {
                return nil
            }
            return count
        }
    }

    // MARK: Times

    private static func write(_ time: Int64, to buffer: UnsafeMutableRawBufferPointer, at place: Int) {
        buffer.storeBytes(of: (time ^ .min).bigEndian, toByteOffset: place, as: Int64.self)
    }

    private static func time(of bytes: Bytes, at place: Int) -> Int64 {
        bytes.withUnsafeBytes { Int64(bigEndian: $0.loadUnaligned(fromByteOffset: place, as: Int64.self)) ^ .min }
    }
}

extension JSONWriter {
    /// Writes a key, which is JSON, with its window.
    fileprivate mutating func write(_ key: Bytes, _ window: WindowRange) {
        append("[")
        writeRaw(key)
        append(",[")
        writeSeconds(window.start.milliseconds)
        append(",")
        writeSeconds(window.end.milliseconds)
        append("]]")
    }

    /// Writes milliseconds as a floating-point number of seconds, exactly: `60.0`, `0.25`, `-1.5`.
    fileprivate mutating func writeSeconds(_ milliseconds: Int64) {
        let magnitude = milliseconds.magnitude
        writeDigits(of: magnitude / 1_000, isNegative: milliseconds < 0)
        append(".")
        let fraction = magnitude % 1_000
        writeDigits(of: fraction / 100, isNegative: false)
        if fraction % 100 > 0 { writeDigits(of: fraction / 10 % 10, isNegative: false) }
        if fraction % 10 > 0 { writeDigits(of: fraction % 10, isNegative: false) }
    }
}
