// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Where one partition of a table keeps its entries: keys and values as bytes, in the order of the keys' bytes.
///
/// A store belongs to one partition of one table of one worker. The entries and the position in the changelog that
/// they correspond to are changed together or not at all, so that a store never claims to be further than it is.
/// `StoreConformance` in `FaustTesting` states its behaviour as tests that every store passes unchanged.
///
/// **Isolation**: the methods block the calling thread and may be called from any thread; a batch is seen whole or not
/// at all. Changes are made by one thread at a time.
/// **Durability**: a store that lives in files keeps what it has applied when it is closed; after a crash the last changes
/// may be missing, together with their position, so that they are read again from the changelog.
public protocol Store: AnyObject, Sendable {
    /// Where in the changelog the entries are; `nil` for a store that was never told.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/storage`` or ``FaustError/Code/corruption``.
    func position() throws(FaustError) -> StorePosition?

    /// The value of a key.
    ///
    /// - Returns: The bytes, which may be empty; `nil` when the key is not there.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/storage`` or ``FaustError/Code/corruption``.
    func value(of key: Bytes) throws(FaustError) -> Bytes?

    /// Makes all changes of a batch, in their order, and sets the position if the batch has one.
    ///
    /// - Throws: ``FaustError``; nothing is changed then.
    func apply(_ batch: StoreBatch) throws(FaustError)

    /// The first entries of a range of keys.
    ///
    /// - Parameters:
    ///   - range: The keys.
    ///   - limit: The greatest number of entries.
    /// - Returns: The entries in the order of their keys; fewer than `limit` only when there are no more.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/storage`` or ``FaustError/Code/corruption``.
    func entries(in range: StoreRange, limit: Int) throws(FaustError) -> [StoreEntry]

    /// About how many entries there are; exact where that is cheap.
    func estimatedCount() throws(FaustError) -> Int

    /// Tells the store that very many changes are about to come, or have come, so that it may put off its upkeep.
    ///
    /// Changes made meanwhile may be undone by a crash, together with their positions, until the end of the loading.
    func setBulkLoading(_ isLoading: Bool) throws(FaustError)

    /// What the store says of itself, such as bytes on disk; the names are the store's own.
    func statistics() -> [String: Int64]

    /// Closes the store, which keeps its entries if it lives in files; every other method throws from then on.
    func close()

    /// Closes the store and removes its entries for good.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/storage`` when files can't be removed.
    func destroy() throws(FaustError)
}

/// An entry of a store.
public struct StoreEntry: Sendable, Hashable {
    /// The key.
    public let key: Bytes
    /// The value.
    public let value: Bytes

    /// An entry of a store.
    public init(key: Bytes, value: Bytes) {
        self.key = key
        self.value = value
    }
}

/// Up to where in its changelog a store's entries correspond.
public struct StorePosition: Sendable, Hashable {
    /// The offset of the first changelog message that is not in the store.
    public var next: Int64
    /// The last changelog message that is, by which another log under the same name is told; `nil` when not known.
    public var last: Mark?

    /// A message of a changelog.
    public struct Mark: Sendable, Hashable {
        /// The offset of the message.
        public var offset: Int64
        /// The time of the message, in milliseconds since 1970.
        public var timestampMilliseconds: Int64

        /// A message of a changelog.
        public init(offset: Int64, timestampMilliseconds: Int64) {
            self.offset = offset
            self.timestampMilliseconds = timestampMilliseconds
        }
    }

    /// A position in a changelog.
    public init(next: Int64, last: Mark? = nil) {
        self.next = next
        self.last = last
    }
}
