// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// A worker that copies two co-partitioned topics to a third one, and notes all it does in a file that survives its death:
// for the tests that let workers join, leave and die.
//
//     ClusterWorker worker      with CLUSTER_NAME and LEDGER in its environment

import Faust
import Foundation

/// What the worker notes: numbers of eight bytes, five per entry, which the tests read (ClusterLedger).
enum Kind: Int64 {
    case processed = 1
    case assigned = 2
    case revoked = 3
    case committed = 4
}

let environment = ProcessInfo.processInfo.environment
let name = environment["CLUSTER_NAME"] ?? "cluster"
let file = open(environment["LEDGER"] ?? "/dev/null", O_WRONLY | O_APPEND | O_CREAT, 0o600)
let inputs = ["\(name)-left", "\(name)-right"]
/// How long to wait between commits, which are noted.
let commitInterval = Duration.milliseconds(300)

let app = App(name)
let numbers = Schema(key: Serde<Bytes?>.raw, value: Serde<Int>.json)
let input = app.topics(inputs, schema: numbers, partitions: 12)
let output = app.topic("\(name)-copies", schema: numbers, partitions: 12)

/// Each entry is one write, so that the file holds exactly what had happened when the process is killed.
@Sendable nonisolated func note(_ kind: Kind, _ entries: [(partition: TopicPartition, offset: Int64)]) {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let nanoseconds = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    let numbers = entries.flatMap { partition, offset in
        let topic = Int64(inputs.firstIndex(of: partition.topic) ?? -1)
        return [kind.rawValue, topic, Int64(partition.partition), offset, nanoseconds]
    }
    let isWritten = numbers.withUnsafeBytes { write(file, $0.baseAddress, $0.count) == $0.count }
    precondition(isWritten, "the ledger can't be written")
}

app.onPartitionsAssigned { note(.assigned, $0.map { ($0, -1) }) }
app.onPartitionsRevoked { note(.revoked, $0.map { ($0, -1) }) }

app.agent("copy", input) { stream in
    for try await event in stream.events() {
        try await output.post(event.value, key: nil, partition: event.message.partition)
        note(.processed, [(event.message.topicPartition, event.message.offset)])
    }
}

app.task {
    while true {
        do {
            note(.committed, try await app.commit().map { ($0.key, $0.value) })
        } catch {
            // During a rebalance a commit may be refused; what it would have covered is committed later or repeated.
            print("not committed: \(error)")
        }
        try await Task.sleep(for: commitInterval)
    }
}

await app.main()
