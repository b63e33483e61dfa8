// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Testing

@testable import FaustCore

@Suite("StopSignal")
struct StopSignalTests {
    @Test func theFirstCauseCounts() async {
        let signal = StopSignal()
        signal.fire(FaustError(.fenced, "first"))
        signal.fire(FaustError(.closed, "second"))
        signal.fire(nil)
        #expect(await signal.wait()?.code == .fenced)
        #expect(await signal.wait()?.code == .fenced)
    }

    @Test func anOrderlyStopHasNoCause() async {
        let signal = StopSignal()
        async let cause = signal.wait()
        signal.fire(nil)
        #expect(await cause?.code == nil)
        signal.fire(FaustError(.closed, "late"))
        #expect(await signal.wait()?.code == nil)
    }

    @Test func itCanBeUsedAgain() async {
        let signal = StopSignal()
        signal.fire(FaustError(.closed, "old"))
        signal.reset()
        async let cause = signal.wait()
        signal.fire(FaustError(.fenced, "new"))
        #expect(await cause?.code == .fenced)
    }
}
