// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustTesting
import Testing

@Suite("Memory store")
struct MemoryStoreTests {
    @Test(arguments: StoreConformance.checks)
    func conforms(_ check: StoreConformance.Check) throws {
        try StoreConformance(isDurable: false) { _ in MemoryStore() }.run(check)
    }

    @Test("counts entries and bytes exactly")
    func counts() throws {
        let store = MemoryStore()
        var batch = StoreBatch()
        for number in 0..<1_000 { batch.put(Bytes("k\(number % 600)"), "12345") }
        batch.deleteRange(StoreRange(prefix: "k5"))
        try store.apply(batch)
        // k5, k50 to k59 and k500 to k599 are gone.
        #expect(try store.estimatedCount() == 489)
        #expect(store.statistics()["entries"] == 489)
        #expect(
            store.statistics()["bytes"]
                == Int64(
                    (0..<600).filter { !"\($0)".hasPrefix("5") }
                        .reduce(0) { $0 + "k\($1)".utf8.count + 5 }
                )
        )
    }
}
