// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Testing

@testable import FaustKafka

@Suite struct LeadAssignmentTests {
    private static let pair = CopartitionedSet(["orders", "customers"])
    private static let single = CopartitionedSet(["zones"])

    private func lead(_ partition: Int32, _ topic: String = "customers") -> TopicPartition {
        TopicPartition(topic, partition)
    }

    @Test("a partition of the lead brings the same partition of its followers")
    func extends() {
        var assignment = LeadAssignment()
        #expect(assignment.resubscribe([Self.pair, Self.single]).isEmpty)
        #expect(assignment.leads == ["customers", "zones"])
        let given = assignment.assign([lead(1), lead(0, "zones")])
        #expect(given == [lead(1), TopicPartition("orders", 1), lead(0, "zones")])
        #expect(assignment.held == Set(given))
        #expect(assignment.partitions(of: [lead(1)]) == [lead(1), TopicPartition("orders", 1)])
        assignment.revoke([lead(1)])
        #expect(assignment.held == [lead(0, "zones")])
    }

    @Test("what is given twice, and what nobody subscribed to, is passed over")
    func ignoresStrangers() {
        var assignment = LeadAssignment()
        _ = assignment.resubscribe([Self.single])
        #expect(assignment.assign([lead(0, "zones"), lead(0, "strange")]) == [lead(0, "zones")])
        #expect(assignment.assign([lead(0, "zones")]).isEmpty)
        #expect(assignment.partitions(of: [lead(7, "zones")]).isEmpty)
    }

    @Test("another subscription takes away the sets that change, and gives those whose lead stays anew")
    func resubscribes() {
        var assignment = LeadAssignment()
        _ = assignment.resubscribe([Self.pair, Self.single])
        _ = assignment.assign([lead(0), lead(3, "zones")])
        #expect(assignment.lapsing(with: [Self.single, Self.pair]).isEmpty)
        let next = [CopartitionedSet(["customers", "payments"]), CopartitionedSet(["adverts", "zones"])]
        #expect(assignment.lapsing(with: next) == [lead(0), TopicPartition("orders", 0), lead(3, "zones")])
        #expect(assignment.resubscribe(next) == [lead(0), TopicPartition("payments", 0)])
        #expect(assignment.held == [lead(0), TopicPartition("payments", 0)])
        #expect(assignment.leads == ["adverts", "customers"])
        #expect(assignment.resubscribe(next).isEmpty)
    }

    @Test("offsets of topics that are read are committed by their holder alone")
    func admitsCommits() {
        var assignment = LeadAssignment()
        _ = assignment.resubscribe([Self.pair])
        _ = assignment.assign([lead(0)])
        #expect(assignment.mayCommit(lead(0)))
        #expect(assignment.mayCommit(TopicPartition("orders", 0)))
        #expect(!assignment.mayCommit(lead(1)))
        #expect(!assignment.mayCommit(TopicPartition("orders", 1)))
        #expect(assignment.mayCommit(TopicPartition("elsewhere", 5)))
    }

    @Test("a subscription to missing, repeated or unequal topics is refused with what to do")
    func checks() throws {
        let counts: [String: Int32] = ["customers": 4, "orders": 4, "zones": 2]
        try LeadAssignment.check([Self.pair, Self.single], counts: counts)
        let unequal = #expect(throws: FaustError.self) {
            try LeadAssignment.check([CopartitionedSet(["orders", "zones"])], counts: counts)
        }
        #expect(unequal?.code == .configuration)
        #expect(unequal?.message.contains("4 and 2 partitions") ?? false)
        let missing = #expect(throws: FaustError.self) {
            try LeadAssignment.check([CopartitionedSet(["nowhere"])], counts: counts)
        }
        #expect(missing?.code == .unknownPartition)
        let repeated = #expect(throws: FaustError.self) {
            try LeadAssignment.check([Self.pair, CopartitionedSet(["orders"])], counts: counts)
        }
        #expect(repeated?.code == .configuration)
    }

    @Test("random histories: what is held is what was given and not taken, and pairs stay together")
    func randomHistories() {
        var random = SplitMix(seed: 3)
        let topics = ["a", "b", "c", "d", "e", "f"]
        for _ in 0..<200 {
            var assignment = LeadAssignment()
            var model: Set<TopicPartition> = []
            for _ in 0..<40 {
                switch random.next() % 3 {
                case 0:
                    let shuffled = topics.shuffled(using: &random)
                    let sets = [CopartitionedSet(shuffled[0..<2]), CopartitionedSet(shuffled[2..<5])]
                    model.subtract(assignment.lapsing(with: sets))
                    model.formUnion(assignment.resubscribe(sets))
                case 1:
                    let leads = assignment.leads.map { TopicPartition($0, Int32(random.next() % 4)) }
                    let given = assignment.assign(leads)
                    #expect(model.isDisjoint(with: given))
                    model.formUnion(given)
                default:
                    let leads = assignment.heldLeads.filter { _ in random.next() % 2 == 0 }
                    model.subtract(assignment.partitions(of: leads))
                    assignment.revoke(leads)
                }
                #expect(assignment.held == model)
                for lead in assignment.heldLeads {
                    let set = assignment.sets[lead.topic]?.topics.map { TopicPartition($0, lead.partition) } ?? []
                    #expect(model.isSuperset(of: set))
                }
            }
        }
    }
}
