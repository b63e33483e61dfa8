// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore

/// Tables of several workers: each has the partitions of its own.
///
/// While one worker runs, its tables can be read by themselves: `bank.spent["alice"]`.
extension TestKit {
    /// The value that a key has in a table, on whatever worker.
    ///
    /// - Parameters:
    ///   - table: The table, of any of the apps that declare it.
    ///   - key: The key.
    /// - Returns: The value; `nil` when there is none.
    /// - Throws: ``FaustError`` when the value can't be read.
    public func value<Key, Value>(of table: Table<Key, Value>, for key: Key) throws -> Value? {
        for worker in workers where worker.isRunning {
            if let value = try table.counterpart(in: worker.app)?.valueIfHere(for: key) { return value }
        }
        return nil
    }

    /// All entries of a table, on all workers.
    ///
    /// - Parameter table: The table, of any of the apps that declare it.
    /// - Returns: The entries by their keys.
    /// - Throws: ``FaustError`` when an entry can't be read.
    public func entries<Key: Hashable, Value>(of table: Table<Key, Value>) async throws -> [Key: Value] {
        var result: [Key: Value] = [:]
        for worker in workers where worker.isRunning {
            guard let table = table.counterpart(in: worker.app) else { continue }
            for try await (key, value) in table.items() { result[key] = value }
        }
        return result
    }

    /// The values that a key has in a windowed table, on whatever worker, by their windows.
    ///
    /// - Parameters:
    ///   - table: The table, of any of the apps that declare it.
    ///   - key: The key.
    /// - Returns: The values of the windows that are kept.
    /// - Throws: ``FaustError`` when an entry can't be read.
    public func windows<Key: Equatable, Value>(
        of table: WindowedTable<Key, Value>,
        for key: Key
    ) async throws -> [WindowRange: Value] {
        var result: [WindowRange: Value] = [:]
        for worker in workers where worker.isRunning {
            guard let table = table.counterpart(in: worker.app) else { continue }
            for try await (windowed, value) in table.items() where windowed.key == key {
                result[windowed.window] = value
            }
        }
        return result
    }
}
