// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Foundation

// What windows cost, on the embedded log in memory.
//
//     WindowBenchmark hopping RATIO entries|panes [EVENTS] [KEYS]
//         CPU time per event of a count in hopping windows with RATIO times their step; RATIO 0 keeps no table. With 1, 10
//         and 60 it shows how the costs of entries and of panes grow.
//     WindowBenchmark expiry [KEYS] [STORE]
//         How long events wait while KEYS windowed entries expire: the greatest time from sending to processing, before
//         and during it. STORE is a URL, memory:// by default.

let arguments = Array(CommandLine.arguments.dropFirst())

func argument(_ index: Int, _ otherwise: Int) -> Int {
    arguments.count > index ? Int(arguments[index]) ?? otherwise : otherwise
}

switch arguments.first {
case "hopping":
    let ratio = argument(1, 1)
    let inPanes = arguments.count > 2 && arguments[2] == "panes"
    try await HoppingBenchmark(ratio: ratio, inPanes: inPanes, events: argument(3, 1_000_000), keys: argument(4, 1_000))
        .run()
case "expiry":
    let store = arguments.count > 2 ? arguments[2] : "memory://"
    try await ExpiryBenchmark(keys: argument(1, 1_000_000), store: store).run()
default:
    print("WindowBenchmark hopping RATIO entries|panes [EVENTS] [KEYS]")
    print("WindowBenchmark expiry [KEYS] [STORE]")
    exit(64)
}
