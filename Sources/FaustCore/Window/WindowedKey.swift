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
    /// - Parameters:
    ///   - base: The form of the keys without windows.
    ///   - layout: Where start, end and key lie in the store.
    /// - Returns: The form of the keys with them.
    static func windowed<Base: Sendable>(
        _ base: TableKeyForm<Base>,
        _ layout: WindowLayout = .byStart
    ) -> TableKeyForm where Key == WindowedKey<Base> {
        var companion: (@Sendable (Bytes) throws -> Bytes?)?
        if layout.hasCompanions { companion = { try layout.companion(of: $0) } }
        var form = TableKeyForm(
            encode: { layout.bytes($0.window, try base.encode($0.key)) },
            decode: { bytes in
                let (window, key) = try layout.parts(of: bytes)
                return WindowedKey(try base.decode(key), in: window)
            },
            changelogKey: { bytes in
                if bytes.isEmpty { return WindowLayout.markerKey }
                let (window, key) = try layout.parts(of: bytes)
                return try WindowLayout.changelogKey(try base.changelogKey(key), window)
            },
            storeKey: { bytes in
                if bytes == WindowLayout.markerKey { return .empty }
                let (key, window) = try WindowLayout.changelogParts(of: bytes)
                return layout.bytes(window, try base.storeKey(key))
            },
            companion: companion
        )
        if let baseKeys = base.changelogKeys {
            form.changelogKeys = { keys in
                let parts = try keys.map { $0.isEmpty ? (WindowRange(0, 0), $0) : try layout.parts(of: $0) }
                let texts = try WindowLayout.changelogKeys(try baseKeys(parts.map(\.1)), parts.map(\.0))
                return zip(keys, texts).map { $0.isEmpty ? WindowLayout.markerKey : $1 }
            }
        }
        return form
    }
}
