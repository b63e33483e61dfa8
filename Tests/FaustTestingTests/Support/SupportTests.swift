// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Dispatch
import FaustTesting
import Testing

@Suite(.timeLimit(.minutes(5)))
struct SupportTests {
    @Test("a gate holds tasks until it is opened")
    func gateHolds() async throws {
        let gate = Gate()
        let passed = Watched(0)
        try await withThrowingTaskGroup { group in
            for _ in 0..<3 {
                group.addTask {
                    try await gate.wait()
                    passed.update { $0 += 1 }
                }
            }
            try await gate.waitForArrivals(3)
            #expect(passed.value == 0)
            gate.open()
            try await group.waitForAll()
        }
        #expect(passed.value == 3)
        try await gate.wait()
        #expect(gate.arrivals == 4)
        gate.close()
        #expect(!gate.isOpen)
    }

    @Test("a cancelled task leaves the gate")
    func gateCancels() async throws {
        let gate = Gate()
        let task = Task { try await gate.wait() }
        try await gate.waitForArrivals(1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("every change is seen by those who wait for it")
    func watchedWakes() async throws {
        let counter = Watched(0)
        try await withThrowingTaskGroup { group in
            for goal in 1...200 {
                group.addTask { try await counter.wait { $0 >= goal } >= goal }
            }
            for _ in 0..<200 {
                group.addTask {
                    counter.update { $0 += 1 }
                    return true
                }
            }
            for try await reached in group { #expect(reached) }
        }
        #expect(counter.value == 200)
    }

    @Test("a deadline passes on what the operation returns or throws")
    func deadlinePassesOn() async throws {
        #expect(try await withDeadline(.seconds(30), "a value") { 7 } == 7)
        struct Failure: Error {}
        await #expect(throws: Failure.self) { try await withDeadline(.seconds(30), "an error") { throw Failure() } }
    }

    @Test("a deadline gives up on an operation that ignores its cancellation")
    func deadlineGivesUp() async throws {
        let gate = Gate()
        await #expect(throws: DeadlineExceeded.self) {
            try await withDeadline(.milliseconds(10), "what never comes") {
                let stubborn = Task { try await gate.wait() }
                try await stubborn.value
            }
        }
        gate.open()
    }

    @Test("a function that blocks runs on a thread of its own")
    func threadsBlock() async throws {
        // More threads that wait for each other than the cooperative pool has.
        let count = 16
        let everybody = DispatchGroup()
        for _ in 0..<count { everybody.enter() }
        let arrived = Watched(0)
        try await withThrowingTaskGroup { group in
            for _ in 0..<count {
                group.addTask {
                    try await onBlockingThread {
                        everybody.leave()
                        everybody.wait()
                        arrived.update { $0 += 1 }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(arrived.value == count)
    }
}
