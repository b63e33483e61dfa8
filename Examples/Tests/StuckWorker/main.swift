// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// A worker whose agent never comes back, for the tests of the shutdown.

import Faust
import Foundation

let app = App("stuck", broker: "memory://")
let work = app.topic("work", value: Int.self)

app.agent("stuck", work) { stream in
    for try await _ in stream {
        print("stuck")
        // Not a suspension: the thread of the lane is gone.
        while true { sleep(3_600) }
    }
}

app.task { try await work.send(1) }

await app.main()
