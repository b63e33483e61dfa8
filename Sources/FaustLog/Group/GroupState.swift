// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// Who has which partitions in a group, and who is to have them: the rules, without any effects.
///
/// What is assigned is a *unit*: one partition number of a lead topic, which is the first topic of a co-partitioned
/// set. Its holder reads that partition of all the topics of its set, so that co-partitioning holds by construction.
/// Assignment is sticky and cooperative, after Kafka's KIP-429: a unit stays where it is unless the shares would
/// differ by two or more, and one that moves is given up by its holder before the next one gets it.
struct GroupState {
    /// One partition number of a lead topic.
    struct Unit: Hashable, Comparable {
        let lead: String
        let partition: Int32

        static func < (left: Unit, right: Unit) -> Bool {
            (left.lead, left.partition) < (right.lead, right.partition)
        }
    }

    /// What a member has to do next.
    enum Action: Equatable {
        /// Give these up; they are its own until it says that it has done so.
        case revoke([Unit])
        /// Take these.
        case assign([Unit])
        /// Learn that these partitions are gone.
        case lose([TopicPartition])
        /// Nothing, until something changes.
        case wait
        /// Nothing any more.
        case end
    }

    private struct Member {
        var subscription: GroupSubscription
        /// What the member wants to read as soon as it has given up what does not fit.
        var next: GroupSubscription?
        var isLeaving = false
        var lost: [TopicPartition] = []
    }

    /// The members in the order in which they joined, which is that of their numbers.
    private var members: [UInt64: Member] = [:]
    private var nextMember: UInt64 = 1
    private var holders: [Unit: UInt64] = [:]
    /// Units whose holders are done with them, but which nobody else may have yet.
    private var closed: Set<Unit> = []
    private var targets: [Unit: UInt64] = [:]
    private var deletedTopics: Set<String> = []

    /// The members, those that are leaving included.
    var memberIDs: [UInt64] { members.keys.sorted() }

    /// Lets a member in.
    mutating func join(_ subscription: GroupSubscription) -> UInt64 {
        defer { nextMember += 1 }
        members[nextMember] = Member(subscription: subscription)
        // A topic that somebody reads again has been created again.
        for set in subscription.sets { deletedTopics.subtract(set.topics) }
        plan()
        return nextMember
    }

    /// Has a member read other sets.
    mutating func resubscribe(_ member: UInt64, _ subscription: GroupSubscription) {
        for set in subscription.sets { deletedTopics.subtract(set.topics) }
        members[member]?.next = subscription
    }

    /// Has a member give up everything and go.
    mutating func leave(_ member: UInt64) {
        members[member]?.isLeaving = true
        plan()
    }

    /// What a member has to do next.
    ///
    /// Units to take belong to it from here on.
    mutating func nextAction(of id: UInt64) -> Action {
        guard let member = members[id] else { return .end }
        if !member.lost.isEmpty {
            members[id]?.lost = []
            return .lose(member.lost.sorted())
        }
        let revoked = holders.filter { $0.value == id && targets[$0.key] != id }.keys.sorted()
        if !revoked.isEmpty { return .revoke(revoked) }
        if let next = member.next, !member.isLeaving {
            let unfit = holders.filter { $0.value == id && !next.keeps($0.key, of: member.subscription) }.keys.sorted()
            if !unfit.isEmpty { return .revoke(unfit) }
            members[id]?.subscription = next
            members[id]?.next = nil
            plan()
            return nextAction(of: id)
        }
        if member.isLeaving {
            members[id] = nil
            return .end
        }
        let assigned = targets.filter { $0.value == id && holders[$0.key] == nil }.keys.sorted()
        if assigned.isEmpty { return .wait }
        for unit in assigned { holders[unit] = id }
        return .assign(assigned)
    }

    /// A member is done with units: from here on it commits nothing of them.
    mutating func close(_ units: [Unit], by member: UInt64) {
        for unit in units where holders[unit] == member { closed.insert(unit) }
    }

    /// A member has given units up.
    mutating func gaveUp(_ units: [Unit], by member: UInt64) {
        for unit in units where holders[unit] == member {
            holders[unit] = nil
            closed.remove(unit)
        }
    }

    /// Topics are gone.
    mutating func topicsWereDeleted(_ names: [String]) {
        for (id, member) in members {
            let topics = Set(member.subscription.sets.flatMap(\.topics)).intersection(names)
            if topics.isEmpty { continue }
            let held = partitions(of: holders.filter { $0.value == id }.map(\.key), of: id)
            members[id]?.lost += held.filter { topics.contains($0.topic) }
        }
        deletedTopics.formUnion(names)
        holders = holders.filter { !deletedTopics.contains($0.key.lead) }
        closed = closed.filter { !deletedTopics.contains($0.lead) }
        plan()
    }

    /// The partitions that a member reads for units.
    func partitions(of units: [Unit], of member: UInt64) -> [TopicPartition] {
        guard let subscription = members[member]?.subscription else { return [] }
        return units.flatMap { unit in
            (subscription.set(of: unit.lead)?.topics ?? [])
                .filter { !deletedTopics.contains($0) }
                .map { TopicPartition($0, unit.partition) }
        }
    }

    /// The partitions that a member has been given and not given up, in order.
    func partitions(heldBy member: UInt64) -> [TopicPartition] {
        partitions(of: holders.filter { $0.value == member }.map(\.key), of: member).sorted()
    }

    /// Whether a member, or `nil` for a consumer that has not joined, may commit an offset of a partition.
    ///
    /// Without members everybody may. Else a partition of a topic that members read belongs to its holder; any other
    /// is open to all members.
    func mayCommit(_ partition: TopicPartition, member id: UInt64?) -> Bool {
        if members.isEmpty { return true }
        guard let id, let member = members[id] else { return false }
        if let lead = member.subscription.lead(of: partition.topic) {
            let unit = Unit(lead: lead, partition: partition.partition)
            return holders[unit] == id && !closed.contains(unit)
        }
        return !members.values.contains { $0.subscription.lead(of: partition.topic) != nil }
    }

    /// Decides anew who is to have what.
    private mutating func plan() {
        let active = members.filter { !$0.value.isLeaving }
        var eligible: [Unit: [UInt64]] = [:]
        for id in active.keys.sorted() {
            for unit in active[id]?.subscription.units ?? [] where !deletedTopics.contains(unit.lead) {
                eligible[unit, default: []].append(id)
            }
        }
        var plan = Plan(members: active.keys.sorted())
        // First what stays, so that the rest goes to those who have least.
        for unit in eligible.keys.sorted() {
            for keeper in [holders[unit], targets[unit]] {
                if let keeper, eligible[unit]?.contains(keeper) ?? false {
                    plan.give(unit, to: keeper)
                    break
                }
            }
        }
        for unit in eligible.keys.sorted() where plan.targets[unit] == nil {
            if let member = plan.least(eligible[unit] ?? [], lead: unit.lead) { plan.give(unit, to: member) }
        }
        plan.balance(eligible)
        targets = plan.targets
    }
}

/// An assignment that is being worked out.
private struct Plan {
    var targets: [GroupState.Unit: UInt64] = [:]
    private var loads: [UInt64: Int]
    private var leadLoads: [UInt64: [String: Int]] = [:]

    init(members: [UInt64]) {
        loads = Dictionary(uniqueKeysWithValues: members.map { ($0, 0) })
    }

    mutating func give(_ unit: GroupState.Unit, to member: UInt64) {
        if let before = targets.updateValue(member, forKey: unit) {
            loads[before, default: 0] -= 1
            leadLoads[before, default: [:]][unit.lead, default: 0] -= 1
        }
        loads[member, default: 0] += 1
        leadLoads[member, default: [:]][unit.lead, default: 0] += 1
    }

    /// The member with the least to do; of equals the one with the least of the lead topic, then the oldest.
    func least(_ members: [UInt64], lead: String) -> UInt64? {
        members.min { left, right in
            let leftRank = (loads[left, default: 0], leadLoads[left]?[lead] ?? 0, left)
            let rightRank = (loads[right, default: 0], leadLoads[right]?[lead] ?? 0, right)
            return leftRank < rightRank
        }
    }

    /// Moves units from members with more to those with less until the shares of those who could swap differ by one.
    ///
    /// The widest gap comes first, so that nothing is moved twice.
    mutating func balance(_ eligible: [GroupState.Unit: [UInt64]]) {
        let units = targets.keys.sorted(by: >)
        // Each move shrinks the sum of the squared shares, so that this ends.
        while let (unit, member) = widestGap(units, eligible) { give(unit, to: member) }
    }

    private func widestGap(
        _ units: [GroupState.Unit],
        _ eligible: [GroupState.Unit: [UInt64]]
    ) -> (GroupState.Unit, UInt64)? {
        var widest: (GroupState.Unit, UInt64)?
        var gap = 1
        for unit in units {
            guard let holder = targets[unit], let member = least(eligible[unit] ?? [], lead: unit.lead) else {
                continue
            }
            let difference = loads[holder, default: 0] - loads[member, default: 0]
            if difference > gap {
                gap = difference
                widest = (unit, member)
            }
        }
        return widest
    }
}
