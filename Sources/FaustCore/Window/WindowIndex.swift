// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Which entries a key has that changes may still concern: in memory, for the two kinds of windows whose bounds depend on
/// the events.
///
/// It is read from the entries when a partition is used for the first time, and costs about 150 bytes per key and 16 per
/// entry. The other entries of a key are found by the companions of ``WindowLayout``.
final class WindowIndex<Key: Sendable, Value: Sendable>: Sendable {
    typealias Partition = TablePartition<WindowedKey<Key>, Value>

    private struct Content {
        /// In order, per key.
        var spans: [Bytes: ContiguousArray<WindowRange>] = [:]
        /// What was retired since the last commit: the store may not have it yet.
        var retired: [Bytes: ContiguousArray<WindowRange>] = [:]
    }

    private let entries: WindowEntries<Key, Value>
    private let times: WindowTimes
    /// The first time of entries that may still be of use when windows were closed up to some time.
    private let firstUseful: @Sendable (Int64) -> Int64
    private let content = Mutex<[Int32: Content]>([:])

    init(
        _ entries: WindowEntries<Key, Value>,
        _ times: WindowTimes,
        firstUseful: @escaping @Sendable (_ closed: Int64) -> Int64
    ) {
        (self.entries, self.times, self.firstUseful) = (entries, times, firstUseful)
    }

    /// The entries of a key that may still change, in the order of their starts.
    func open(_ key: Bytes, in partition: Partition) throws(FaustError) -> ContiguousArray<WindowRange> {
        try load(partition)
        return content.withLock { $0[partition.number]?.spans[key] } ?? []
    }

    /// All entries of a key, in the order of their starts.
    func all(_ key: Bytes, in partition: Partition) throws(FaustError) -> [WindowRange] {
        try load(partition)
        let content = content.withLock { $0[partition.number] }
        var found = Set(content?.spans[key] ?? []).union(content?.retired[key] ?? [])
        var range = WindowLayout.companions(of: key)
        while true {
            let page = try partition.readyStore().entries(in: range, limit: 256)
            for entry in page {
                do { found.insert(try entries.layout.window(ofCompanion: entry.key)) } catch {
                    throw error as? FaustError ?? FaustError(.corruption, "a companion can't be read", cause: error)
                }
            }
            guard page.count == 256, let last = page.last else { break }
            range = range.after(last.key)
        }
        return found.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
    }

    /// Notes that entries of a key have gone and one has come.
    func replace(_ gone: [WindowRange], by new: WindowRange?, of key: Bytes, in partition: Int32) {
        content.withLock { content in
            // When nothing is known of the partition, it is looked for with the next use.
            guard content[partition] != nil else { return }
            var spans = content[partition]?.spans[key] ?? []
            if !gone.isEmpty { spans.removeAll(where: gone.contains) }
            if let new {
                var index = spans.endIndex
                while index > 0, (new.start, new.end) < (spans[index - 1].start, spans[index - 1].end) { index -= 1 }
                if index == 0 || spans[index - 1] != new { spans.insert(new, at: index) }
            }
            content[partition]?.spans[key] = spans.isEmpty ? nil : spans
        }
    }

    /// Notes that an entry of a key stays as it is from now on.
    func retire(_ range: WindowRange, of key: Bytes, in partition: Int32) {
        replace([range], by: nil, of: key, in: partition)
        content.withLock { $0[partition]?.retired[key, default: []].append(range) }
    }

    func forget(_ partition: Int32) { content.withLock { $0[partition] = nil } }

    func settle() {
        content.withLock { content in
            for partition in content.keys where content[partition]?.retired.isEmpty == false {
                content[partition]?.retired = [:]
            }
        }
    }

    private func load(_ partition: Partition) throws(FaustError) {
        if content.withLock({ $0[partition.number] != nil }) { return }
        let closed = times.closedUpTo(of: partition.number)
        let first = closed == .min ? nil : firstUseful(closed)
        var pages = TablePages(partition: partition, range: entries.layout.range(from: first, before: nil))
        var found = Content()
        while let page = try pages.next() {
            for entry in page {
                let (window, key) = try entries.parts(of: entry.key)
                found.spans[key, default: []].append(window)
            }
        }
        for key in found.spans.keys { found.spans[key]?.sort { ($0.start, $0.end) < ($1.start, $1.end) } }
        content.withLock { content in
            if content[partition.number] == nil { content[partition.number] = found }
        }
    }
}
