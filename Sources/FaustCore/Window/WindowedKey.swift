// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A key of a windowed table together with one of its windows.
public struct WindowedKey<Key: Sendable>: Sendable {
    /// The key.
    public let key: Key
    /// The window.
    public let window: WindowRange

    /// A key together with a window.
    public init(_ key: Key, in window: WindowRange) {
        self.key = key
        self.window = window
    }
}

extension WindowedKey: Equatable where Key: Equatable {}
extension WindowedKey: Hashable where Key: Hashable {}

extension TableKeyForm {
    /// The form of windowed keys: `[key, [start, end]]` in the changelog, with seconds as Faust writes them, and start,
    /// end and key in the store, so that its order is that of time.
    ///
    /// - Parameter base: The form of the keys without windows.
    /// - Returns: The form of the keys with them.
    static func windowed<Base: Sendable>(_ base: TableKeyForm<Base>) -> TableKeyForm where Key == WindowedKey<Base> {
        TableKeyForm(
            encode: { windowed in
                WindowedKeyLayout.bytes(windowed.window, try base.encode(windowed.key))
            },
            decode: { bytes in
                let (window, key) = try WindowedKeyLayout.parts(of: bytes)
                return WindowedKey(try base.decode(key), in: window)
            },
            changelogKey: { bytes in
                if bytes.isEmpty { return WindowedKeyLayout.markerKey }
                let (window, key) = try WindowedKeyLayout.parts(of: bytes)
                return Bytes("[\(String(try base.changelogKey(key))),\(WindowedKeyLayout.text(window))]")
            },
            storeKey: { bytes in
                if bytes == WindowedKeyLayout.markerKey { return .empty }
                let (key, window) = try WindowedKeyLayout.changelogParts(of: bytes)
                return WindowedKeyLayout.bytes(window, try base.storeKey(key))
            }
        )
    }
}

/// Where start, end and key of a windowed key lie.
enum WindowedKeyLayout {
    /// The changelog's key of how far a partition's time is; the store has it under no bytes at all.
    static let markerKey: Bytes = "\"faust.window.time\""
    private static let timeCount = 8

    static func bytes(_ window: WindowRange, _ key: Bytes) -> Bytes {
        Bytes(Array(prefix(window)) + key)
    }

    /// What all keys of a window start with.
    static func prefix(_ window: WindowRange) -> Bytes {
        Bytes(Array(orderedBytes(of: window.start.milliseconds)) + orderedBytes(of: window.end.milliseconds))
    }

    /// The keys of all windows that start at some time or later and before another one.
    static func range(from start: Int64?, before end: Int64?) -> StoreRange {
        // The marker, which has no bytes, is in no range of windows.
        StoreRange(from: start.map { orderedBytes(of: $0) } ?? [0], before: end.map { orderedBytes(of: $0) })
    }

    static func parts(of bytes: Bytes) throws -> (WindowRange, Bytes) {
        guard bytes.count >= 2 * timeCount else {
            throw FaustError(.decode, "\(bytes.count) bytes are too few for a key with a window")
        }
        let start: Int64 = try integer(ofOrdered: bytes[0..<timeCount])
        let end: Int64 = try integer(ofOrdered: bytes[timeCount..<2 * timeCount])
        return (WindowRange(start, end), bytes[(2 * timeCount)...])
    }

    /// A window as changelogs have it.
    static func text(_ window: WindowRange) -> String {
        "[\(WindowRange.seconds(window.start.milliseconds)),\(WindowRange.seconds(window.end.milliseconds))]"
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
            Int64(exactly: (seconds * 1_000).rounded())
        }
    }
}
