// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Testing

@testable import FaustCore

/// Agents with a body for each partition.
@Suite(.timeLimit(.minutes(5))) struct IsolatedPartitionsTests {
    private let rig = TableRig()

    @Test("a body that waits holds up no other partition", arguments: [1, 2])
    func isolation(parallelism: Int) async throws {
        let app = rig.app { $0.parallelism = parallelism }
        let numbers = app.topic("numbers", key: Bytes?.self, value: Int.self, partitions: 4)
        let gate = Gate()
        let bodies = Counter()
        let seen = Watched<[Int: [Int]]>([:])
        app.agent("isolated", numbers, isolatedPartitions: true) { stream in
            let body = bodies.add(1)
            for try await number in stream {
                if number == 0 { try await gate.wait() }
                seen.update { $0[body, default: []].append(number) }
            }
        }
        try await rig.run(app) {
            try await numbers.send(0, partition: 0)
            try await gate.waitForArrivals(1)
            for partition in 0..<4 {
                for round in 1...3 { try await numbers.send(round * 10 + partition, partition: Int32(partition)) }
            }
            try await seen.wait { $0.values.joined().count == 9 }
            gate.open()
            let all = try await seen.wait { $0.values.joined().count == 13 }
            // Each body has one partition.
            #expect(
                all.values.sorted { $0[0] < $1[0] } == [[0, 10, 20, 30], [11, 21, 31], [12, 22, 32], [13, 23, 33]]
            )
        }
    }

    @Test("a body that loses its partition ends and runs anew, which is no failure")
    func lostPartition() async throws {
        let bodies = Watched(0)
        func worker(counts: Bool) -> App {
            let app = rig.app("isolated")
            let numbers = app.topic("numbers", value: Int.self, partitions: 2)
            app.agent("isolated", numbers, isolatedPartitions: true) { stream in
                if counts { bodies.update { $0 += 1 } }
                for try await _ in stream {}
            }
            return app
        }
        let (first, second) = (worker(counts: true), worker(counts: false))
        try await rig.run(first) {
            try await rig.run(second) { try await bodies.wait { $0 == 3 } }
        }
        #expect(first.monitor.agentRestarts.value == 0)
        #expect(rig.errors.value.isEmpty)
    }

    @Test("what is left of a lost partition is not handed out, and the next iteration goes on")
    func iteration() {
        let partition = TopicPartition("topic", 0)
        let buffer = StreamBuffer(name: "test", maxsize: 100, endsWithPartition: true)
        buffer.attach(partition, epoch: 1)
        buffer.append(0..<5, partition)
        let first = buffer.beginIteration()
        guard case .run = buffer.next(first, seen: 0) else { return #expect(Bool(false), "no run") }
        buffer.detach(partition)
        guard case .end = buffer.next(first, seen: 1) else { return #expect(Bool(false), "not the end") }
        #expect(buffer.mustBeginAnew && !buffer.isClosed)
        let second = buffer.beginIteration()
        guard case .wait = buffer.next(second, seen: 0) else { return #expect(Bool(false), "no wait") }
        // A partition that it never had is none that it has lost.
        buffer.detach(TopicPartition("topic", 1))
        #expect(!buffer.mustBeginAnew)
    }

    @Test("isolated partitions and concurrency exclude each other")
    func concurrency() async throws {
        let app = rig.app()
        app.agent("both", app.topic("numbers", value: Int.self), concurrency: 2, isolatedPartitions: true) { stream in
            for try await _ in stream {}
        }
        let error = await #expect(throws: FaustError.self) { try await app.run() }
        #expect(error?.code == .configuration && error?.message.contains("isolatedPartitions") == true)
    }
}
