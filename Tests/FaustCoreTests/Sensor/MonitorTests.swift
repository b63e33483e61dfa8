// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Testing

@testable import FaustCore

@Suite("the monitor")
struct MonitorTests {
    @Test("asking for the tables takes as few calls the thousandth time as the first")
    func tablesStayAsNear() {
        let depths = Collected<UInt>()
        let monitor = Monitor()
        monitor.setTables {
            var variable = 0
            withUnsafeMutablePointer(to: &variable) { depths.add(UInt(bitPattern: $0)) }
            return []
        }
        for _ in 0..<1_000 { #expect(monitor.tables.isEmpty) }
        #expect(Set(depths.values).count == 1)
    }
}
