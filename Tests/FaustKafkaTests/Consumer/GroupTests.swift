// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import FaustCore
import FaustKafka
import FaustTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct GroupTests {
    /// A consumer that has joined with a listener and a queue.
    private struct Member {
        let consumer: KafkaConsumer
        let queue: any TransportQueue
        let listener: RecordingListener

        init(
            _ rig: ConsumerRig,
            _ group: String,
            overrides: [String: String] = [:],
            recommitInterval: Duration = .seconds(3_600),
            onRevoke: @escaping @Sendable (KafkaConsumer, [TopicPartition]) async -> Void = { _, _ in }
        ) throws {
            let consumer = try rig.makeConsumer(
                group: group,
                overrides: overrides,
                recommitInterval: recommitInterval
            )
            self.consumer = consumer
            queue = consumer.makeQueue()
            listener = RecordingListener(consumer, queue) { await onRevoke(consumer, $0) }
        }

        func join(_ sets: [[String]]) async throws {
            try await consumer.subscribe(sets.map { CopartitionedSet($0) }, listener: listener)
        }
    }

    @Test("members join and leave: pairs stay together and what stays is not revoked")
    func joinsAndLeaves() async throws {
        try await ConsumerRig.run { rig in
            let leads = try rig.makeTopic("customers", partitions: 6)
            let followers = try rig.makeTopic("orders", partitions: 6)
            try await rig.producer.fill(leads + followers, 0..<10)
            let members = try (0..<3).map { _ in try Member(rig, "shop") }
            try await members[0].join([["customers", "orders"]])
            try await members[0].listener.wait("everything") { $0.held.count == 12 }
            for member in members[1...] { try await member.join([["customers", "orders"]]) }
            for member in members {
                try await member.listener.wait("a third") { $0.held.count == 4 }
                let held = member.listener.held
                #expect(Set(held.filter { $0.topic == "customers" }.map(\.partition)).count == 2)
                for partition in held where partition.topic == "customers" {
                    #expect(held.contains(TopicPartition("orders", partition.partition)))
                }
            }
            let all = Set(members.flatMap(\.listener.held))
            #expect(all == Set(leads + followers))
            let before = members[1...].map(\.listener.held)
            await members[0].consumer.close()
            #expect(members[0].listener.held.isEmpty)
            for (member, before) in zip(members[1...], before) {
                let state = try await member.listener.wait("half") { $0.held.count == 6 }
                #expect(state.held.isSuperset(of: before), "what stays was moved")
            }
        }
    }

    @Test("partitions that stay go on while others are being given up")
    func goesOnDuringRebalance() async throws {
        try await ConsumerRig.run { rig in
            let partitions = try rig.makeTopic(partitions: 2)
            let gate = Gate()
            defer { gate.open() }
            let first = try Member(rig, "steady") { _, _ in try? await gate.wait() }
            try await first.join([["orders"]])
            try await first.listener.wait("both partitions") { $0.held.count == 2 }
            try await rig.producer.fill(partitions, 0..<1)
            _ = try await collect(first.queue, "the first messages") { $0.messageCount == 2 }
            let second = try Member(rig, "steady")
            try await second.join([["orders"]])
            try await withDeadline(ConsumerRig.patience, "the revocation") { try await gate.waitForArrivals(1) }
            // The listener holds the group up. What is sent now must arrive all the same.
            for round in 1..<4 {
                try await rig.producer.fill(partitions, round..<round + 1)
                let batches = try await collect(first.queue, "round \(round)") { $0.messageCount == 2 }
                for partition in partitions { #expect(batches.offsets(partition) == [Int64(round)]) }
            }
            #expect(second.listener.held.isEmpty, "handed on before its owner was done")
            gate.open()
            try await second.listener.wait("its share") { $0.held.count == 1 }
            #expect(first.listener.held.isDisjoint(with: second.listener.held))
        }
    }

    @Test("a new owner goes on where the former one has committed while giving up")
    func handsOn() async throws {
        try await ConsumerRig.run { rig in
            let partition = try rig.makeTopic()[0]
            try await rig.producer.fill([partition], 0..<100)
            let outcome = Mutex<[TopicPartition: Int64]>([:])
            let first = try Member(rig, "relay") { consumer, partitions in
                let result = try? await consumer.commit([partition: 40])
                outcome.withLock { $0 = result?.committed ?? [:] }
            }
            try await first.join([["orders"]])
            _ = try await collect(first.queue, "messages") { $0.messageCount > 0 }
            await first.consumer.close()
            let committed = outcome.withLock { $0 }
            #expect(committed == [partition: 40])
            let second = try Member(rig, "relay")
            try await second.join([["orders"]])
            let batches = try await collect(second.queue, "the rest") { $0.last?.nextOffset == 100 }
            #expect(batches.offsets(partition) == Array(40..<100))
        }
    }

    @Test("commits are confirmed per partition; those of others are refused; seeking to nothing goes back to them")
    func commits() async throws {
        try await ConsumerRig.run { rig in
            let partitions = try rig.makeTopic(partitions: 2)
            try await rig.producer.fill(partitions, 0..<20)
            let member = try Member(rig, "ledger")
            try await member.join([["orders"]])
            _ = try await collect(member.queue, "everything") { $0.messageCount == 40 }
            let stranger = TopicPartition("orders", 7)
            let result = try await member.consumer.commit([partitions[0]: 5, partitions[1]: 6, stranger: 1])
            #expect(result.committed == [partitions[0]: 5, partitions[1]: 6])
            #expect(result.failures.mapValues(\.code) == [stranger: .group])
            #expect(try await member.consumer.commit([:]).committed == [:])
            member.consumer.seek(partitions[0], to: nil, epoch: 100)
            let again = try await collect(member.queue, "what follows the commit") { $0.messageCount == 15 }
            #expect(again.offsets(partitions[0], epoch: 100) == Array(5..<20))
        }
    }

    @Test("commits ride out coordinators that move and members that are being given their shares")
    func commitsDuringTrouble() async throws {
        try await ConsumerRig.run(brokers: 2) { rig in
            let partition = try rig.makeTopic()[0]
            rig.cluster.setCoordinator(of: "mobile", broker: 1)
            let member = try Member(rig, "mobile")
            try await member.join([["orders"]])
            try await member.listener.wait("the partition") { $0.held.count == 1 }
            rig.cluster.fail(
                .offsetCommit,
                with: [
                    RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
                    RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                ]
            )
            #expect(try await member.consumer.commit([partition: 1]).committed == [partition: 1])
            #expect(member.listener.held == [partition])
            rig.cluster.setCoordinator(of: "mobile", broker: 2)
            #expect(try await member.consumer.commit([partition: 2]).committed == [partition: 2])
        }
    }

    /// Up to three times: a commit that meets the very JoinGroup in the client loses the partitions.
    @Test("all commits are confirmed while a member is let in anew")
    func commitsWhileJoiningAnew() async throws {
        let isConfirmed = Watched(false)
        for _ in 0..<3 where !isConfirmed.value {
            try await ConsumerRig.run { rig in
                let isDone = try await commitsWhileJoiningAnew(rig)
                isConfirmed.update { $0 = isDone }
            }
        }
        #expect(isConfirmed.value)
    }

    private func commitsWhileJoiningAnew(_ rig: ConsumerRig) async throws -> Bool {
        let partition = try rig.makeTopic()[0]
        let member = try Member(rig, "renewed")
        try await member.join([["orders"]])
        try await member.listener.wait("the partition") { $0.held == [partition] }
        var offset: Int64 = 0
        let deadline = ContinuousClock.now + ConsumerRig.patience
        while rig.recorder.lines.count(where: { $0.text == "Group assigned" }) < 2 {
            try #require(.now < deadline, "the member is not let in anew")
            // Alone in the group: the mock cluster mistakes members that are faster than their leader. Again and again:
            // a member that has not settled yet takes no notice.
            if offset % 100 == 0 { rig.cluster.fail(.heartbeat, with: [RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS]) }
            // As a worker does it: it polls, and commits now and then.
            _ = member.queue.poll(limit: 1, timeout: .milliseconds(20))
            offset += 1
            let result = try await member.consumer.commit([partition: offset])
            if result.committed == [partition: offset] { continue }
            // Only the loss of the partition excuses it.
            try await member.listener.wait("the loss of the partition") { $0.events.contains(.lost([partition])) }
            return false
        }
        return offset > 0 && member.listener.events == [.assigned([partition])]
    }

    @Test("a commit of a generation that the group has ended loses the partitions, is refused and comes again")
    func commitsInAnEndedGeneration() async throws {
        try await ConsumerRig.run { rig in
            let partition = try rig.makeTopic()[0]
            let member = try Member(rig, "ended")
            try await member.join([["orders"]])
            try await member.listener.wait("the partition") { $0.held.count == 1 }
            rig.cluster.fail(.offsetCommit, with: [RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION])
            let result = try await member.consumer.commit([partition: 3])
            #expect(result.committed.isEmpty && result.failures[partition]?.code == .group)
            try await member.listener.wait("the loss and another assignment") { state in
                state.events.contains(.lost([partition])) && state.held == [partition]
            }
            #expect(try await member.consumer.commit([partition: 3]).committed == [partition: 3])
        }
    }

    @Test("a commit that the broker refuses is an error, not a confirmation")
    func refusesCommits() async throws {
        try await ConsumerRig.run { rig in
            let partition = try rig.makeTopic()[0]
            let member = try Member(rig, "refused")
            try await member.join([["orders"]])
            try await member.listener.wait("the partition") { $0.held.count == 1 }
            rig.cluster.fail(.offsetCommit, with: [RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED])
            do {
                let result = try await member.consumer.commit([partition: 1])
                #expect(result.committed.isEmpty)
                #expect(result.failures.count == 1)
            } catch let error as FaustError {
                #expect(error.message.contains("ACL"))
            }
        }
    }

    @Test("a member that the group has forgotten loses its partitions and gets them again")
    func losesPartitions() async throws {
        try await ConsumerRig.run { rig in
            let partition = try rig.makeTopic()[0]
            try await rig.producer.fill([partition], 0..<10)
            let member = try Member(rig, "forgetful")
            try await member.join([["orders"]])
            _ = try await collect(member.queue, "messages") { $0.messageCount == 10 }
            _ = try await member.consumer.commit([partition: 4])
            rig.cluster.fail(.heartbeat, with: [RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID])
            try await member.listener.wait("the loss and another assignment") { state in
                state.events.contains(.lost([partition])) && state.held == [partition]
            }
            let again = try await collect(member.queue, "what was not committed") { batches in
                batches.contains { $0.epoch == 2 && $0.nextOffset == 10 }
            }
            #expect(again.offsets(partition, epoch: 2) == Array(4..<10))
            #expect(!member.listener.events.contains(.revoked([partition])))
        }
    }

    @Test("a group that may not be joined fails with what to do")
    func failsWithoutPermission() async throws {
        try await ConsumerRig.run { rig in
            _ = try rig.makeTopic()
            let member = try Member(rig, "forbidden")
            rig.cluster.fail(.joinGroup, with: Array(repeating: RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, count: 9))
            try await member.join([["orders"]])
            let state = try await member.listener.wait("the failure") { !$0.events.isEmpty }
            guard case .failed(_, let message) = state.events.first else {
                Issue.record("unexpected: \(state.events)")
                return
            }
            #expect(message.contains("forbidden"))
            #expect(message.contains("ACL"))
        }
    }

    @Test("a static member whose identity is taken over fails")
    func failsWhenFenced() async throws {
        try await ConsumerRig.run { rig in
            _ = try rig.makeTopic()
            let member = try Member(rig, "static", overrides: ["group.instance.id": "one"])
            try await member.join([["orders"]])
            try await member.listener.wait("the partition") { $0.held.count == 1 }
            rig.cluster.fail(.heartbeat, with: [RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID])
            let state = try await member.listener.wait("the failure") { state in
                state.events.contains { if case .failed = $0 { true } else { false } }
            }
            #expect(state.events.contains { if case .failed(.fenced, _) = $0 { true } else { false } })
        }
    }

    @Test("without a commit and without a reset the member fails")
    func failsWithoutReset() async throws {
        try await ConsumerRig.run { rig in
            let partition = try rig.makeTopic()[0]
            try await rig.producer.fill([partition], 0..<5)
            let consumer = try rig.makeConsumer(group: "strict") { $0.offsetReset = .none }
            let queue = consumer.makeQueue()
            let listener = RecordingListener(consumer, queue)
            try await consumer.subscribe([CopartitionedSet(["orders"])], listener: listener)
            let isOver = Mutex(false)
            async let polled = onBlockingThread {
                var batches: [MessageBatch] = []
                while !isOver.withLock({ $0 }) { batches += queue.poll(limit: 10, timeout: .milliseconds(50)) }
                return batches
            }
            let state = try? await listener.wait("the failure") { state in
                state.events.contains { if case .failed(.group, _) = $0 { true } else { false } }
            }
            isOver.withLock { $0 = true }
            #expect(state != nil)
            #expect(try await polled.messageCount == 0)
        }
    }

    @Test("another subscription revokes what is gone and assigns what is new")
    func resubscribes() async throws {
        try await ConsumerRig.run { rig in
            let orders = try rig.makeTopic("orders", partitions: 2)
            let clicks = try rig.makeTopic("clicks", partitions: 2)
            let zones = try rig.makeTopic("zones", partitions: 2)
            try await rig.producer.fill(orders + clicks + zones, 0..<3)
            let member = try Member(rig, "changing")
            try await member.join([["orders"], ["clicks"]])
            try await member.listener.wait("the first topics") { $0.held == Set(orders + clicks) }
            try await member.join([["orders", "zones"]])
            try await member.listener.wait("the follower and nothing else") { $0.held == Set(orders + zones) }
            _ = try await collect(member.queue, "the new topic") { $0.offsets(zones[0]).last == 2 }
            try await member.join([["orders", "zones"], ["clicks"]])
            try await member.listener.wait("all topics") { $0.held == Set(orders + clicks + zones) }
            #expect(!member.listener.events.contains { if case .lost = $0 { true } else { false } })
            await member.consumer.close()
            #expect(member.listener.held.isEmpty)
        }
    }

    @Test("topics that don't fit together, or don't exist, are refused at once")
    func refusesMisfits() async throws {
        try await ConsumerRig.run { rig in
            _ = try rig.makeTopic("orders", partitions: 2)
            _ = try rig.makeTopic("clicks", partitions: 3)
            let member = try Member(rig, "picky")
            let unequal = await #expect(throws: FaustError.self) { try await member.join([["orders", "clicks"]]) }
            #expect(unequal?.message.contains("3 and 2 partitions") ?? false)
            let missing = await #expect(throws: FaustError.self) { try await member.join([["nowhere"]]) }
            #expect(missing?.code == .unknownPartition)
            try await member.join([["orders"]])
            try await member.listener.wait("what does exist") { $0.held.count == 2 }
        }
    }

    @Test("offsets that don't move are committed again")
    func recommits() async throws {
        try await ConsumerRig.run { rig in
            let partition = try rig.makeTopic()[0]
            let member = try Member(rig, "idle", recommitInterval: .milliseconds(10))
            try await member.join([["orders"]])
            try await member.listener.wait("the partition") { $0.held.count == 1 }
            _ = try await member.consumer.commit([partition: 3])
            // The commit that is made again meets the errors; the one after it does not.
            rig.cluster.fail(.offsetCommit, with: [RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED])
            let deadline = ContinuousClock.now + ConsumerRig.patience
            while true {
                try #require(.now < deadline, "nothing was committed again")
                let result = try? await member.consumer.commit([partition: 4])
                if result?.committed == [partition: 4] { break }
            }
        }
    }

    @Test("closing is bounded when the broker is away, and may be called twice")
    func closesWithoutBroker() async throws {
        try await ConsumerRig.run { rig in
            _ = try rig.makeTopic(partitions: 2)
            let member = try Member(rig, "stranded")
            try await member.join([["orders"]])
            try await member.listener.wait("both partitions") { $0.held.count == 2 }
            rig.cluster.takeDown(broker: 1)
            let time = await ContinuousClock()
                .measure {
                    async let first: Void = member.consumer.close()
                    async let second: Void = member.consumer.close()
                    _ = await (first, second)
                }
            #expect(time < .seconds(20))
            #expect(member.listener.held.isEmpty)
            await #expect(throws: FaustError.self) {
                try await member.consumer.commit([TopicPartition("orders", 0): 1])
            }
            rig.cluster.bringUp(broker: 1)
        }
    }

    @Test("an outage of the only broker is survived")
    func survivesOutage() async throws {
        try await ConsumerRig.run { rig in
            let partition = try rig.makeTopic()[0]
            let member = try Member(rig, "sturdy")
            try await member.join([["orders"]])
            try await member.listener.wait("the partition") { $0.held.count == 1 }
            rig.cluster.takeDown(broker: 1)
            let failure = Mutex(false)
            async let commit: Void = {
                // Waits for the coordinator, within its own deadline.
                let result = try? await member.consumer.commit([partition: 0])
                failure.withLock { $0 = result?.committed != [partition: 0] }
            }()
            _ = try await onBlockingThread { member.queue.poll(limit: 1, timeout: .milliseconds(500)) }
            rig.cluster.bringUp(broker: 1)
            await commit
            let hasFailed = failure.withLock { $0 }
            #expect(!hasFailed)
            try await rig.producer.fill([partition], 0..<3)
            _ = try await collect(member.queue, "messages") { $0.messageCount == 3 }
        }
    }
}
#endif
