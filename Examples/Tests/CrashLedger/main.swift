// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// A worker that notes every event it has processed in a file that survives its death, for the tests with SIGKILL.

import Faust
import Foundation

let app = App("crash-ledger")
let numbers = app.topic("numbers", value: Int.self, partitions: 4)
let path = ProcessInfo.processInfo.environment["LEDGER"] ?? "/dev/null"

let killAfter = ProcessInfo.processInfo.environment["KILL_AFTER"].flatMap { Int($0) }

app.agent("note", numbers) { stream in
    let ledger = open(path, O_WRONLY | O_APPEND | O_CREAT, 0o600)
    var count = 0
    for try await event in stream.events() {
        // One write per event, so that the file holds exactly what was processed when the process is killed.
        let entry = [Int64(event.message.partition), event.message.offset]
        guard entry.withUnsafeBytes({ write(ledger, $0.baseAddress, $0.count) }) == 16 else {
            throw FaustError(.handler, "the ledger \(path) can't be written")
        }
        count += 1
        if count == killAfter { kill(getpid(), SIGKILL) }
    }
    close(ledger)
}

await app.main()
