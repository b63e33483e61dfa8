// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import Foundation

/// What a ``ClusterWorker`` notes; see there.
struct ClusterEntry: Sendable {
    enum Kind: Int64, Sendable {
        case processed = 1
        case assigned = 2
        case revoked = 3
        case committed = 4
    }

    /// A partition of one of the two input topics.
    struct Place: Hashable, Sendable {
        var topic: Int64
        var partition: Int64
    }

    var kind: Kind
    var place: Place
    var offset: Int64
    var nanoseconds: Int64
    /// Which worker noted it.
    var worker: Int
}

/// The notes of a worker, read as they are written.
struct ClusterLedger {
    private static let entrySize = 40

    let url: URL
    let worker: Int
    private(set) var entries: [ClusterEntry] = []
    private var bytesRead: UInt64 = 0

    init(_ url: URL, worker: Int) {
        self.url = url
        self.worker = worker
    }

    /// Reads what was written since the last time.
    mutating func refresh() throws {
        guard FileManager.default.fileExists(atPath: url.path) else { return }
        let file = try FileHandle(forReadingFrom: url)
        defer { try? file.close() }
        try file.seek(toOffset: bytesRead)
        let bytes = [UInt8](try file.readToEnd() ?? Data())
        let count = bytes.count / Self.entrySize
        for index in 0..<count { entries.append(try entry(bytes, at: index * Self.entrySize)) }
        bytesRead += UInt64(count * Self.entrySize)
    }

    private func entry(_ bytes: [UInt8], at start: Int) throws -> ClusterEntry {
        let numbers = bytes.withUnsafeBytes { buffer in
            (0..<5).map { buffer.loadUnaligned(fromByteOffset: start + $0 * 8, as: Int64.self) }
        }
        guard let kind = ClusterEntry.Kind(rawValue: numbers[0]) else { throw CocoaError(.fileReadCorruptFile) }
        return ClusterEntry(
            kind: kind,
            place: ClusterEntry.Place(topic: numbers[1], partition: numbers[2]),
            offset: numbers[3],
            nanoseconds: numbers[4],
            worker: worker
        )
    }
}
#endif
