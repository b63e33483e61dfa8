// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Testing

// The rules of groups are internal; they are tested without the tasks around them.
@testable import FaustLog

@Suite("The rules of groups")
struct GroupStateTests {
    private static func subscription(_ topics: [String: Int32]) throws -> GroupSubscription {
        try GroupSubscription(topics.keys.sorted().map { CopartitionedSet([$0]) }) { topics[$0] }
    }

    @Test("random joins and leaves end balanced, with one holder each, moving as little as needed", arguments: 0..<30)
    func random(seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        let subscription = try Self.subscription(["a": 5, "b": 8, "c": 1])
        var state = GroupState()
        var members: [UInt64] = []
        var held: [UInt64: Set<GroupState.Unit>] = [:]
        for _ in 0..<40 {
            if members.isEmpty || random.next(below: 3) > 0 && members.count < 20 {
                members.append(state.join(subscription))
            } else {
                state.leave(members.remove(at: random.next(below: members.count)))
            }
            // Some rounds end before everybody has acted.
            if random.next(below: 4) == 0 { continue }
            Self.settle(&state, &held, &random)
            let loads = members.map { held[$0]?.count ?? 0 }
            #expect((loads.max() ?? 0) - (loads.min() ?? 0) <= 1)
            if !members.isEmpty { #expect(loads.reduce(0, +) == 14) }
            #expect(state.memberIDs == members.sorted())
        }
    }

    /// Has the members act, in random order, until nobody has anything to do.
    private static func settle(
        _ state: inout GroupState,
        _ held: inout [UInt64: Set<GroupState.Unit>],
        _ random: inout SplitMix
    ) {
        var isQuiet = false
        while !isQuiet {
            isQuiet = true
            for id in state.memberIDs.shuffled(using: &random) {
                switch state.nextAction(of: id) {
                case .revoke(let units):
                    #expect(held[id]?.isSuperset(of: units) ?? false)
                    held[id]?.subtract(units)
                    state.gaveUp(units, by: id)
                case .assign(let units):
                    #expect(held.values.allSatisfy { $0.isDisjoint(with: units) })
                    held[id, default: []].formUnion(units)
                case .end: #expect(held.removeValue(forKey: id)?.isEmpty ?? true)
                case .lose: Issue.record("nothing was lost")
                case .wait: continue
                }
                isQuiet = false
            }
        }
    }

    @Test("a join moves no more than the new member's share")
    func stickiness() throws {
        let subscription = try Self.subscription(["a": 12])
        var state = GroupState()
        var random = SplitMix(seed: 0)
        var held: [UInt64: Set<GroupState.Unit>] = [:]
        for count in 1...6 {
            let before = held
            _ = state.join(subscription)
            Self.settle(&state, &held, &random)
            let moved = held.reduce(0) { $0 + $1.value.subtracting(before[$1.key] ?? []).count }
            #expect(moved <= (12 + count - 1) / count || count == 1)
        }
    }

    @Test("members that subscribe anew end with what they asked for last, with one holder each", arguments: 0..<30)
    func resubscription(seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        let choices: [[String: Int32]] = [["a": 5, "b": 8], ["b": 8, "c": 6], ["b": 8], ["a": 7, "b": 8]]
        var state = GroupState()
        var wanted: [UInt64: [String: Int32]] = [:]
        var held: [UInt64: Set<GroupState.Unit>] = [:]
        for _ in 0..<40 {
            let choice = choices[random.next(below: choices.count)]
            if wanted.count < 5 {
                wanted[state.join(try Self.subscription(choice))] = choice
            } else {
                let member = wanted.keys.sorted()[random.next(below: wanted.count)]
                state.resubscribe(member, try Self.subscription(choice))
                wanted[member] = choice
            }
            if random.next(below: 4) == 0 { continue }
            Self.settle(&state, &held, &random)
            for (member, units) in held {
                #expect(units.allSatisfy { $0.partition < wanted[member]?[$0.lead] ?? 0 })
            }
            let all = held.values.joined()
            #expect(all.filter { $0.lead == "b" }.count == 8)
            #expect(Set(all).count == all.count)
        }
    }

    @Test("members with different subscriptions get only what they asked for")
    func differentSubscriptions() throws {
        var state = GroupState()
        var random = SplitMix(seed: 0)
        var held: [UInt64: Set<GroupState.Unit>] = [:]
        let both = state.join(try Self.subscription(["a": 4, "b": 4]))
        let one = state.join(try Self.subscription(["a": 4]))
        Self.settle(&state, &held, &random)
        #expect(held[one].map { $0.allSatisfy { $0.lead == "a" } } ?? false)
        #expect(held[one]?.count == 4)
        #expect(held[both]?.count == 4)
        #expect(!state.mayCommit(TopicPartition("b", 0), member: one))
        #expect(state.mayCommit(TopicPartition("b", 0), member: both))
        #expect(state.mayCommit(TopicPartition("unsubscribed", 0), member: one))
        #expect(!state.mayCommit(TopicPartition("unsubscribed", 0), member: nil))
    }

    @Test("a unit that is closed is neither committed by its holder nor given to another before it is given up")
    func closing() throws {
        var state = GroupState()
        let partition = TopicPartition("a", 0)
        let unit = GroupState.Unit(lead: "a", partition: 0)
        let first = state.join(try Self.subscription(["a": 1]))
        #expect(state.nextAction(of: first) == .assign([unit]))
        state.leave(first)
        let second = state.join(try Self.subscription(["a": 1]))
        #expect(state.nextAction(of: first) == .revoke([unit]))
        #expect(state.mayCommit(partition, member: first))
        state.close([unit], by: first)
        #expect(!state.mayCommit(partition, member: first))
        #expect(state.nextAction(of: second) == .wait)
        state.gaveUp([unit], by: first)
        #expect(state.nextAction(of: second) == .assign([unit]))
        #expect(state.mayCommit(partition, member: second))
    }
}
