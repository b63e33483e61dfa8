// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("the forwarder of a stream that goes through a topic")
struct ForwarderTests {
    /// Where a variable lies that is needed on both sides of a suspension: in the task's memory, the further back the more
    /// calls lead there.
    private static func depth() async -> UInt {
        var variable: UInt = 0
        let address = withUnsafeMutablePointer(to: &variable) { UInt(bitPattern: $0) }
        await Task.yield()
        return address + variable
    }

    private static func source(_ offsets: Range<Int64>) -> (StreamBuffer, StreamSource) {
        let buffer = StreamBuffer.test(zero)
        buffer.append(offsets)
        buffer.end()
        return (buffer, StreamSource(buffer: buffer, context: .test()))
    }

    @Test("no event is further away from the closures that forward it than the one before")
    func depthStays() async throws {
        let depths = Collected<UInt>()
        let job = Forwarder.Job { _ in depths.add(await Self.depth()) }
        try await job.run(Self.source(0..<1_000).1)
        #expect(depths.values.count == 1_000)
        #expect(Set(depths.values).count == 1)
    }

    @Test("after a body has run again its closures are the ones that forward")
    func goesOnWithTheClosuresOfTheLastRun() async throws {
        let (first, second) = (Collected<Int64>(), Collected<Int64>())
        let job = Forwarder.Job { first.add($0.offset) }
        try await job.run(Self.source(0..<3).1)
        job.replace { second.add($0.offset) }
        try await job.run(Self.source(3..<5).1)
        #expect(first.values == [0, 1, 2])
        #expect(second.values == [3, 4])
    }

    @Test("a message is finished when the next one is forwarded, and one that fails is not")
    func finishesWhatItForwards() async throws {
        let (buffer, source) = Self.source(0..<4)
        let lowest = Collected<Int64?>()
        let job = Forwarder.Job { message in
            lowest.add(buffer.lowestUnfinished(zero))
            if message.offset == 2 { throw FaustError(.handler, "no key") }
        }
        await #expect(throws: FaustError.self) { try await job.run(source) }
        #expect(lowest.values == [0, 1, 2])
        #expect(buffer.lowestUnfinished(zero) == 2)
    }
}
