// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// A worker that counts visits in windows of every kind and sends their final values to a topic, for the tests with
// SIGKILL. What is in that topic it notes in a file that survives its death.

import Faust
import Foundation
import Synchronization

@Record
struct Visit {
    var page: String
    /// In milliseconds since 1970.
    var time: Int

    nonisolated var timestamp: Timestamp { Timestamp(milliseconds: Int64(time)) }
}

let environment = ProcessInfo.processInfo.environment
/// Dies after so many visits.
let killAfter = environment["KILL_AFTER"].flatMap { Int($0) }
/// Dies when so many windows have closed, in the midst of a commit.
let killInClose = environment["KILL_IN_CLOSE"].flatMap { Int($0) }
let ledger = open(environment["LEDGER"] ?? "/dev/null", O_WRONLY | O_APPEND | O_CREAT, 0o600)

let app = App("crash-windows")
let visits = app.topic("visits", value: Visit.self, partitions: 1)
let results = app.topic("results", value: String.self, partitions: 1)

let grace = Duration.milliseconds(20)
let expires = Duration.milliseconds(300)

func table(_ name: String) -> Table<String, Int> { app.table(name, key: String.self, default: 0) }

let tables: [WindowedTable<String, Int>] = [
    table("tumbling").tumbling(.milliseconds(50), expires: expires, grace: grace),
    table("panes").hopping(.milliseconds(60), step: .milliseconds(20), expires: expires, grace: grace, combine: +),
    table("session").session(gap: .milliseconds(15), expires: expires, grace: grace, merge: +),
    table("sliding").sliding(difference: .milliseconds(10), expires: expires, grace: grace, combine: +),
]

let closed = Atomic<Int>(0)
for table in tables {
    table.onClose { page, window, count in
        let (start, end) = (window.start.milliseconds, window.end.milliseconds)
        try await results.post("\(table.name) \(page) \(start) \(end) \(count)", key: nil)
        if closed.wrappingAdd(1, ordering: .relaxed).newValue == killInClose { kill(getpid(), SIGKILL) }
    }
}

let byTime = tables.map { $0.relative(to: \Visit.timestamp) }

app.agent("count", visits) { stream in
    var count = 0
    for try await visit in stream {
        for table in byTime { table[visit.page, of: visit] += 1 }
        count += 1
        if count == killAfter { kill(getpid(), SIGKILL) }
    }
}

app.agent("note", results) { stream in
    for try await event in stream.events() {
        // One write per line, so that the file holds exactly what was seen when the process is killed.
        let line = Array("\(event.message.offset) \(event.value)\n".utf8)
        guard line.withUnsafeBytes({ write(ledger, $0.baseAddress, $0.count) }) == line.count else {
            throw FaustError(.handler, "the ledger can't be written")
        }
    }
}

await app.main()
