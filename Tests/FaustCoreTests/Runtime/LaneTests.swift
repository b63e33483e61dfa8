// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

@Suite("Lane")
struct LaneTests {
    private func start(
        _ queue: FakeQueue = FakeQueue(),
        deliver: @escaping @Sendable (MessageBatch) -> Void = { _ in },
        settle: @escaping @Sendable () -> Void = {}
    ) -> Lane {
        let lane = Lane(index: 0, queue: queue)
        lane.start(Lane.Work(deliver: deliver, settle: settle))
        return lane
    }

    @Test func jobsRunOnItsThreadAndComeBackToItAfterASuspension() async throws {
        let lane = start()
        let gate = Gate()
        let task = Task(executorPreference: lane) {
            var isOnLane = [Lane.isCurrentThread]
            await Task.yield()
            isOnLane.append(Lane.isCurrentThread)
            try await gate.wait()
            isOnLane.append(Lane.isCurrentThread)
            return isOnLane
        }
        try await gate.waitForArrivals(1)
        // The lane waits in its queue by now or soon; the gate's opening has to wake it.
        gate.open()
        #expect(try await task.value == [true, true, true])
        #expect(!Lane.isCurrentThread)
        await lane.stop()
    }

    @Test func batchesAreDeliveredOnItsThreadAndWakeTheStreamsTask() async throws {
        let (queue, buffer) = (FakeQueue(), StreamBuffer.test(zero))
        let isOnLane = Flag()
        let lane = start(queue) { batch in
            if Lane.isCurrentThread { isOnLane.set() }
            buffer.append(Run(batch))
        }
        let source = StreamSource(buffer: buffer, context: .test())
        let task = Task(executorPreference: lane) {
            var values: [Int64] = []
            for try await value in source.numbers() {
                values.append(value)
                if value % 10 == 9 { queue.push(.test(zero, value + 1...value + 10)) }
                if value == 49 { break }
            }
            return (values, Lane.isCurrentThread)
        }
        queue.push(.test(zero, 0...9))
        let (values, wasOnLane) = try await task.value
        #expect(values == Array(0...49))
        #expect(wasOnLane)
        #expect(isOnLane.isSet)
        await lane.stop()
    }

    @Test("what was gathered is handed over before the lane waits")
    func settle() async {
        let settled = Watched(0)
        let lane = start(settle: { settled.update { $0 += 1 } })
        let before = await Task(executorPreference: lane) { settled.value }.value
        await lane.stop()
        #expect(settled.value > before)
    }

    @Test func stoppingRunsTheJobsThatWaitAndMayBeCalledTwice() async {
        let lane = start()
        let count = Watched(0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask(executorPreference: lane) { count.update { $0 += 1 } }
            }
        }
        await lane.stop()
        await lane.stop()
        #expect(count.value == 100)
    }

    @Test("tasks of one lane never run at the same time")
    func oneAtATime() async {
        let lane = start()
        let inside = Counter()
        let overlaps = Watched(0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask(executorPreference: lane) {
                    for _ in 0..<50 {
                        if inside.add(1) != 1 {
                            overlaps.update { $0 += 1 }
                        }
                        inside.add(-1)
                        await Task.yield()
                    }
                }
            }
        }
        #expect(overlaps.value == 0)
        await lane.stop()
    }
}
