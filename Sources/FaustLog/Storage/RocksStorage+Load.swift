// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import FaustCore
import RocksDB

extension StoredLog {
    /// Reads everything but the batches; writes the version into a new database.
    init(_ database: Database, path: String) throws(FaustError) {
        self.init()
        let damage: String?
        do throws(RocksDBError) {
            try Self.checkVersion(database)
            damage = try load(database)
        } catch {
            throw FaustError(.storage, "the log under \(path) can't be read", cause: error)
        }
        if let version = try? Self.version(of: database), version > KeyLayout.version {
            throw FaustError(
                .storage,
                "the log under \(path) has layout \(version), written by a newer version of swift-faust; this one "
                    + "reads layouts up to \(KeyLayout.version): use the newer version, or another directory",
                isFatal: true
            )
        }
        if let damage {
            throw FaustError(.corruption, "the log under \(path) is damaged, \(damage): restore it from a copy")
        }
    }

    /// The layout of a database; `nil` when it is new.
    private static func version(of database: Database) throws(RocksDBError) -> UInt32? {
        guard let value = try database.get(KeyLayout.key(.version)) else { return nil }
        var reader = KeyReader(value.bytes)
        return reader.number() ?? .max
    }

    private static func checkVersion(_ database: Database) throws(RocksDBError) {
        if try version(of: database) != nil { return }
        let batch = WriteBatch()
        var value: [UInt8] = []
        value.appendBigEndian(KeyLayout.version)
        batch.put(KeyLayout.key(.version), value)
        try database.write(batch, synced: true)
    }

    /// Reads the entries in front of the index and the batches.
    ///
    /// - Returns: What can't be understood, if anything.
    private mutating func load(_ database: Database) throws(RocksDBError) -> String? {
        var entries: [(key: [UInt8], value: [UInt8])] = []
        try database.iterate(before: KeyLayout.key(.index)) { iterator throws(RocksDBError) in
            iterator.seek([])
            while iterator.isValid {
                entries.append((Array(iterator.key), Array(iterator.value)))
                iterator.next()
            }
            try iterator.check()
        }
        for (key, value) in entries where !add(key, value) {
            return "entry \(key.map { String($0, radix: 16) }.joined(separator: " ")) makes no sense"
        }
        return nil
    }

    private mutating func add(_ key: [UInt8], _ value: [UInt8]) -> Bool {
        key.withUnsafeBytes { key in value.withUnsafeBytes { value in add(key, value) } }
    }

    private mutating func add(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
        var rest = KeyReader(key, from: 1)
        var reader = KeyReader(value)
        switch key.first.flatMap({ KeyLayout.Kind(rawValue: $0) }) {
        case .version: return true
        case .nextTopic:
            guard let next = reader.number(UInt32.self) else { return false }
            nextTopicID = next
        case .topic:
            guard let id = rest.number(UInt32.self), let metadata = reader.topic() else { return false }
            topics.append(Topic(id: id, metadata: metadata))
        case .state:
            guard let partition = rest.partition(), let state = reader.state() else { return false }
            states[partition] = state
        case .offset:
            guard let count = rest.number(UInt16.self), let group = rest.text(count: Int(count)),
                let partition = rest.partition(), let offset = reader.number(Int64.self)
            else { return false }
            offsets[group, default: [:]][partition] = offset
        case .index, .batch, nil: return false
        }
        return true
    }
}
#endif
