// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Logging

/// The kinds of stores that tables can be kept in, by the scheme of the URL that names them.
///
/// `memory://` is always there; `rocksdb://` is registered by `import Faust` when the library is built with RocksDB.
public struct StoreRegistry: Sendable {
    /// Opens the store of a table partition.
    ///
    /// Blocks the calling thread. A damaged store is to be moved aside and opened empty, loudly; a store that
    /// another process has open throws a retriable ``FaustError``.
    public typealias Opener = @Sendable (StoreLocation) throws -> any Store

    private var openers: [String: Opener] = ["memory": { _ in MemoryStore() }]

    /// The registry of `memory://` alone.
    public init() {}

    /// The schemes that are known, in order.
    public var schemes: [String] { openers.keys.sorted() }

    /// Adds a kind of store, or replaces one.
    ///
    /// - Parameters:
    ///   - scheme: What stands before `://` in the URL.
    ///   - open: Opens the store of a table partition.
    public mutating func register(_ scheme: String, open: @escaping Opener) {
        openers[scheme] = open
    }

    /// Opens the store of a table partition; blocks the calling thread.
    ///
    /// - Throws: ``FaustError`` when there is no such kind of store or it can't be opened.
    public func open(_ location: StoreLocation) throws(FaustError) -> any Store {
        let open = try opener(for: location.url)
        do {
            return try open(location)
        } catch {
            throw error as? FaustError
                ?? FaustError(.storage, "the store of \(location.table) can't be opened", cause: error)
        }
    }

    /// What opens the stores of a URL.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for a scheme that is not known.
    func opener(for url: String) throws(FaustError) -> Opener {
        let scheme = url.prefix { $0 != ":" }
        guard url.dropFirst(scheme.count).hasPrefix("://"), let opener = openers[String(scheme)] else {
            let known = schemes.map { "\($0)://" }.joined(separator: ", ")
            throw FaustError(.configuration, "no store for '\(url)': use one of \(known)")
        }
        return opener
    }
}

/// Which store is wanted: of what table and partition, and where it is kept.
public struct StoreLocation: Sendable {
    /// The URL that names the kind of store, with options as a query.
    public var url: String
    /// The name of the table.
    public var table: String
    /// The number of the partition.
    public var partition: Int32
    /// The directory of the app's tables, for stores that live in files; it need not exist yet.
    public var directory: String
    /// For lines about what the store does.
    public var logger: Logger

    /// Which store is wanted.
    public init(url: String, table: String, partition: Int32, directory: String, logger: Logger) {
        self.url = url
        self.table = table
        self.partition = partition
        self.directory = directory
        self.logger = logger
    }
}
