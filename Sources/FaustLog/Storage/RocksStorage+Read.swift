// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import FaustCore
import RocksDB

extension RocksStorage {
    /// The number of bytes up to which batches are read one behind the other and copied, instead of each by its key.
    private static let smallByteCount: Int64 = 8192

    func read(_ partition: PartitionID, from offset: Int64, limit: ReadLimit) throws(FaustError) -> [StoredItem] {
        if let batches = cached(partition, from: offset, limit: limit) { return batches.map { .batch($0) } }
        let database = try database()
        do throws(RocksDBError) {
            let found = try index(database, partition, from: offset, limit: limit, count: 4096)
            guard case .infos(let infos) = found else { return found.items }
            var items: [StoredItem] = []
            var next = infos.startIndex
            while next < infos.endIndex {
                let small = infos[next...].prefix { $0.byteCount <= Self.smallByteCount }
                if small.count > 1 {
                    items += try readSmall(database, partition, small)
                    next = small.endIndex
                } else {
                    items.append(try readLarge(database, partition, infos[next]))
                    next += 1
                }
            }
            return items
        } catch {
            throw failure(error)
        }
    }

    func index(_ partition: PartitionID, from offset: Int64, count: Int) throws(FaustError) -> [BatchInfo] {
        do throws(RocksDBError) {
            let limit = ReadLimit(byteCount: .max, offsetCount: .max)
            return try index(database(orClosed: ()), partition, from: offset, limit: limit, count: count).known
        } catch {
            throw failure(error)
        }
    }

    private func database(orClosed: Void) throws(RocksDBError) -> Database {
        do throws(FaustError) { return try database() } catch { throw .closed }
    }

    /// What a look into the index finds.
    private enum Found {
        case infos([BatchInfo])
        /// The index and the batches behind it can't be read up to the end of the range.
        case damaged(Range<Int64>, String)

        var items: [StoredItem] {
            switch self {
            case .infos: []
            case .damaged(let range, let reason): [.damaged(range, reason)]
            }
        }

        var known: [BatchInfo] {
            switch self {
            case .infos(let infos): infos
            case .damaged(let range, _):
                // To those who only ask for sizes and times, this is an empty batch of unknown age.
                [
                    BatchInfo(
                        baseOffset: range.lowerBound,
                        nextOffset: range.upperBound,
                        maxTimestamp: .min,
                        byteCount: 0
                    )
                ]
            }
        }
    }

    private func index(
        _ database: Database,
        _ partition: PartitionID,
        from offset: Int64,
        limit: ReadLimit,
        count: Int
    ) throws(RocksDBError) -> Found {
        let damage: RocksDBError
        do throws(RocksDBError) {
            return .infos(try walk(database, .index, partition, from: offset, limit: limit, count: count))
        } catch {
            if error.kind != .corruption { throw error }
            damage = error
        }
        // The index itself is damaged: the batches know as much, only slower.
        do throws(RocksDBError) {
            return .infos(try walk(database, .batch, partition, from: offset, limit: limit, count: count))
        } catch {
            if error.kind != .corruption { throw error }
        }
        let next = try firstReadable(database, partition, behind: offset)
        return .damaged(offset..<max(next, offset + 1), damage.description)
    }

    private func walk(
        _ database: Database,
        _ kind: KeyLayout.Kind,
        _ partition: PartitionID,
        from offset: Int64,
        limit: ReadLimit,
        count: Int
    ) throws(RocksDBError) -> [BatchInfo] {
        let prefix = KeyLayout.key(kind, partition)
        let start = KeyLayout.key(kind, partition, offset)
        return try database.iterate(before: KeyLayout.end(of: prefix)) { iterator throws(RocksDBError) in
            var infos: [BatchInfo] = []
            var byteCount: Int64 = 0
            // The batch that holds the offset starts there or before.
            iterator.seekForPrevious(start)
            try iterator.check()
            if !iterator.isValid || !iterator.key.starts(with: prefix) { iterator.seek(start) }
            while iterator.isValid, infos.count < count {
                guard let info = Self.info(kind, iterator) else {
                    throw RocksDBError.damaged("an entry of the log's index makes no sense")
                }
                iterator.next()
                if info.nextOffset <= offset { continue }
                infos.append(info)
                byteCount += info.byteCount
                if byteCount >= limit.byteCount || info.nextOffset - offset >= limit.offsetCount { break }
            }
            // What was found before the damage counts first.
            if infos.isEmpty { try iterator.check() }
            return infos
        }
    }

    private static func info(_ kind: KeyLayout.Kind, _ iterator: borrowing RocksIterator) -> BatchInfo? {
        var key = KeyReader(iterator.key, from: 9)
        guard let base = key.number(Int64.self) else { return nil }
        let value = iterator.value
        if kind == .index {
            var reader = KeyReader(value)
            return reader.info(baseOffset: base)
        }
        guard let header = try? BatchHeader(value, seed: nil), header.baseOffset == base else { return nil }
        return BatchInfo(
            baseOffset: base,
            nextOffset: header.nextOffset,
            maxTimestamp: header.maxTimestamp,
            byteCount: Int64(value.count)
        )
    }

    /// The first offset behind damage from which on the index or the batches can be read again.
    private func firstReadable(
        _ database: Database,
        _ partition: PartitionID,
        behind offset: Int64
    ) throws(RocksDBError) -> Int64 {
        let end = end(of: partition)
        var damaged = offset
        var step: Int64 = 1
        while offset + step < end, try !isReadable(database, partition, offset + step) {
            damaged = offset + step
            step *= 2
        }
        var readable = min(offset + step, end)
        while readable - damaged > 1 {
            let middle = damaged + (readable - damaged) / 2
            if try isReadable(database, partition, middle) { readable = middle } else { damaged = middle }
        }
        return readable
    }

    private func isReadable(
        _ database: Database,
        _ partition: PartitionID,
        _ offset: Int64
    ) throws(RocksDBError) -> Bool {
        let limit = ReadLimit(byteCount: 1, offsetCount: 1)
        for kind in [KeyLayout.Kind.index, .batch] {
            do throws(RocksDBError) {
                _ = try walk(database, kind, partition, from: offset, limit: limit, count: 1)
                return true
            } catch {
                if error.kind != .corruption { throw error }
            }
        }
        return false
    }

    private func readLarge(
        _ database: Database,
        _ partition: PartitionID,
        _ info: BatchInfo
    ) throws(RocksDBError) -> StoredItem {
        let value: PinnedValue?
        do throws(RocksDBError) {
            value = try database.get(KeyLayout.key(.batch, partition, info.baseOffset))
        } catch {
            if error.kind != .corruption { throw error }
            return .damaged(info.baseOffset..<info.nextOffset, error.description)
        }
        guard let value else { return .damaged(info.baseOffset..<info.nextOffset, "the batch is missing") }
        // The storage holds the value, and so RocksDB's memory, until nobody refers to it any more.
        let storage = ByteStorage(adopting: value.baseAddress, count: value.count) { _ in
            withExtendedLifetime(value) {}
        }
        return .batch(StoredBatch(info: info, storage: storage, isTrusted: false))
    }

    private func readSmall(
        _ database: Database,
        _ partition: PartitionID,
        _ infos: ArraySlice<BatchInfo>
    ) throws(RocksDBError) -> [StoredItem] {
        guard let first = infos.first, let last = infos.last else { return [] }
        var items: [StoredItem] = []
        items.reserveCapacity(infos.count)
        do throws(RocksDBError) {
            try database.iterate(before: KeyLayout.key(.batch, partition, last.nextOffset)) {
                iterator throws(RocksDBError) in
                iterator.seek(KeyLayout.key(.batch, partition, first.baseOffset))
                for info in infos {
                    guard iterator.isValid, Self.baseOffset(iterator) == info.baseOffset else { break }
                    let value = iterator.value
                    let storage = ByteStorage(count: value.count) { buffer in
                        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: value)
                        return value.count
                    }
                    items.append(.batch(StoredBatch(info: info, storage: storage, isTrusted: false)))
                    iterator.next()
                }
                try iterator.check()
            }
        } catch {
            if error.kind != .corruption { throw error }
        }
        // Where the walk stopped too early, each batch is looked up by itself.
        for info in infos.dropFirst(items.count) { items.append(try readLarge(database, partition, info)) }
        return items
    }

    private static func baseOffset(_ iterator: borrowing RocksIterator) -> Int64? {
        var key = KeyReader(iterator.key, from: 9)
        return key.number()
    }
}
#endif
