// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Synchronization
import Testing

@testable import FaustCore

/// Threads that meet in one stream; run it under ThreadSanitizer.
@Suite("Stream under concurrency")
struct StreamConcurrencyTests {
    private static let count: Int64 = 20_000

    /// A consumer whose pauses a delivering thread can wait for.
    private func deliver(_ rig: ConductorRig) async throws {
        var offset: Int64 = 0
        var size: Int64 = 1
        while offset < Self.count {
            try await rig.consumer.calls.wait { calls in
                for call in calls.reversed() {
                    if case .pause = call { return false }
                    if case .resume = call { return true }
                }
                return true
            }
            let next = min(offset + size, Self.count)
            rig.deliver(offset..<next, epoch: 1)
            offset = next
            size = size % 97 + 1
        }
    }

    @Test("one thread delivers, one iterates, one commits", arguments: [8, 200, 4_096])
    func threeThreads(maxsize: Int) async throws {
        let rig = ConductorRig(maxsize: maxsize)
        await rig.conductor.assigned([zero])
        let processed = Watched<Int64>(0)
        let buffer = rig.buffers[0]
        let stream = StreamSource(buffer: buffer, context: .test()).numbers()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await deliver(rig) }
            group.addTask {
                var expected: Int64 = 0
                for try await value in stream {
                    #expect(value == expected)
                    expected += 1
                    processed.update { $0 = expected }
                }
            }
            group.addTask {
                var last: Int64 = 0
                while last < Self.count {
                    guard let offset = rig.conductor.committable()[zero] else {
                        await Task.yield()
                        continue
                    }
                    #expect(offset <= processed.value)
                    #expect(offset >= last)
                    last = offset
                    rig.conductor.noteCommitted([zero: offset])
                    await Task.yield()
                }
                buffer.close()
            }
            try await group.waitForAll()
        }
        #expect(processed.value == Self.count)
    }

    @Test("events acknowledged by many threads in any order are all finished", arguments: [8, 200])
    func manyThreadsAcknowledge(maxsize: Int) async throws {
        let rig = ConductorRig(maxsize: maxsize)
        await rig.conductor.assigned([zero])
        let buffer = rig.buffers[0]
        let stream = StreamSource(buffer: buffer, context: .test()).numbers().noack().events()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await deliver(rig) }
            var (started, finished) = (0, 0)
            for try await event in stream {
                group.addTask { event.ack() }
                started += 1
                if Int64(started) == Self.count { break }
                // The group has the delivering task and the last few acknowledgements.
                if started - finished >= 4 {
                    try await group.next()
                    finished += 1
                }
            }
            try await group.waitForAll()
        }
        #expect(rig.conductor.committable() == [zero: Self.count])
    }

    @Test("a stream that fails, is rewound and drained while others use it stays whole", arguments: 0..<20)
    func rewindsAndRestarts(seed: Int) async throws {
        let rig = ConductorRig(maxsize: 64)
        await rig.conductor.assigned([zero])
        let buffer = rig.buffers[0]
        let source = StreamSource(buffer: buffer, context: .test())
        let highest = Watched<Int64>(-1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Delivers from the place of the last seek on, again and again.
                var (epoch, offset) = (UInt64(0), Int64(0))
                while highest.value < 2_000 {
                    let now = rig.consumer.epoch(of: zero) ?? 0
                    if now != epoch { (epoch, offset) = (now, 0) }
                    rig.deliver(offset..<offset + 10, epoch: epoch)
                    offset += 10
                    await Task.yield()
                }
                buffer.close()
            }
            group.addTask {
                while !buffer.isClosed {
                    for try await value in source.numbers() {
                        highest.update { $0 = max($0, value) }
                        guard value % 300 == 299 else { continue }
                        buffer.finishInHand()
                        break
                    }
                }
            }
            group.addTask {
                var random = SeededRandom(seed: UInt64(seed))
                for _ in 0..<5 {
                    for _ in 0..<Int.random(in: 1...200, using: &random) { await Task.yield() }
                    _ = rig.conductor.committable()
                    _ = buffer.inHand()
                    rig.conductor.rewind([zero])
                }
            }
            try await group.waitForAll()
        }
        #expect(highest.value >= 2_000)
    }
}
