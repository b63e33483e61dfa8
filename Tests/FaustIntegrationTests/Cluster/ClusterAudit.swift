// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import Foundation

/// Holds the notes of all workers of a cluster to what must be true of them.
struct ClusterAudit {
    typealias Place = ClusterEntry.Place

    /// All entries, in the order of time.
    let entries: [ClusterEntry]
    /// How many messages each partition got.
    let sent: [Place: Int64]

    init(_ ledgers: [ClusterLedger], sent: [Place: Int64]) {
        entries = ledgers.flatMap(\.entries).sorted { $0.nanoseconds < $1.nanoseconds }
        self.sent = sent
    }

    /// What was processed, by partition, in the order of time.
    var processed: [Place: [ClusterEntry]] {
        Dictionary(grouping: entries.filter { $0.kind == .processed }, by: \.place)
    }

    /// How many messages were processed more than once.
    var repeated: Int {
        processed.values.reduce(0) { $0 + $1.count - Set($1.map(\.offset)).count }
    }

    /// How many messages were processed again within a window.
    func repeated(in window: ClosedRange<Int64>) -> Int {
        processed.values.reduce(0) { sum, all in
            var seen: Set<Int64> = []
            let again = all.filter { !seen.insert($0.offset).inserted }
            return sum + again.count { window.contains($0.nanoseconds) }
        }
    }

    /// Messages that nobody has processed.
    func lost() -> [String] {
        let processed = processed.mapValues { Set($0.map(\.offset)) }
        return sent.flatMap { place, count in
            Set(0..<count).subtracting(processed[place] ?? []).sorted()
                .map { "\(place) offset \($0) was not processed" }
        }
    }

    /// Messages that were processed after a commit that covers them was confirmed.
    func repeatedAfterCommit() -> [String] {
        var committed: [Place: Int64] = [:]
        var seen: [Place: Set<Int64>] = [:]
        var faults: [String] = []
        for entry in entries {
            switch entry.kind {
            case .committed:
                committed[entry.place] = max(committed[entry.place] ?? 0, entry.offset)
            case .processed:
                let isNew = seen[entry.place, default: []].insert(entry.offset).inserted
                if !isNew, entry.offset < committed[entry.place] ?? 0 {
                    faults.append("\(entry.place) offset \(entry.offset) came again to worker \(entry.worker)")
                }
            case .assigned, .revoked: break
            }
        }
        return faults
    }

    /// Calls that gave or took a partition of one topic without that of the other.
    func separatedPairs() -> [String] {
        struct Call: Hashable {
            var worker: Int
            var nanoseconds: Int64
            var isAssignment: Bool
        }
        let changes = entries.filter { ($0.kind == .assigned || $0.kind == .revoked) && $0.place.topic >= 0 }
        let calls = Dictionary(grouping: changes) {
            Call(worker: $0.worker, nanoseconds: $0.nanoseconds, isAssignment: $0.kind == .assigned)
        }
        return calls.compactMap { call, entries in
            let partitions = (0...1)
                .map { topic in Set(entries.filter { $0.place.topic == topic }.map(\.place.partition)) }
            return partitions[0] == partitions[1] ? nil : "worker \(call.worker): \(partitions)"
        }
    }

    /// Messages that a worker processed a session after another one had begun with the partition, without being given it
    /// again.
    ///
    /// A member that the group has given up on learns of it within its session; until then it may process what the new
    /// owner processes too, but its commits are refused.
    func sharedPartitions(session: Duration) -> [String] {
        var owners: [Place: (worker: Int, since: Int64)] = [:]
        var given: [Place: Set<Int>] = [:]
        var faults: [String] = []
        for entry in entries {
            switch entry.kind {
            case .assigned: given[entry.place, default: []].insert(entry.worker)
            case .processed where owners[entry.place]?.worker != entry.worker:
                if given[entry.place]?.remove(entry.worker) != nil {
                    owners[entry.place] = (entry.worker, entry.nanoseconds)
                } else if Duration.nanoseconds(entry.nanoseconds - (owners[entry.place]?.since ?? 0)) > session {
                    faults.append("\(entry.place) offset \(entry.offset): worker \(entry.worker) did not have it")
                }
            default: break
            }
        }
        return faults
    }

    /// The longest time without a message in a partition that stayed with its worker, within a window.
    ///
    /// - Returns: The pause and how many partitions stayed.
    func longestPause(in window: ClosedRange<Int64>) -> (pause: Duration, partitions: Int) {
        var longest: Int64 = 0
        var count = 0
        for (place, all) in processed {
            let within = all.filter { window.contains($0.nanoseconds) }
            let changes = entries.contains {
                $0.place == place && ($0.kind == .assigned || $0.kind == .revoked) && window.contains($0.nanoseconds)
            }
            guard !changes, within.count > 1, Set(within.map(\.worker)).count == 1 else { continue }
            count += 1
            let times = [window.lowerBound] + within.map(\.nanoseconds) + [window.upperBound]
            longest = max(longest, zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? 0)
        }
        return (.nanoseconds(longest), count)
    }
}
#endif
