// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

/// The coordinators of all groups.
final class GroupRegistry: Sendable {
    private let coordinators = Mutex<[String: GroupCoordinator]>([:])

    /// The coordinator of a group.
    func coordinator(_ name: String) -> GroupCoordinator {
        coordinators.withLock { coordinators in
            if let coordinator = coordinators[name] { return coordinator }
            let coordinator = GroupCoordinator(name: name)
            coordinators[name] = coordinator
            return coordinator
        }
    }

    /// The coordinator of a group that somebody has joined, or tried to.
    func existing(_ name: String) -> GroupCoordinator? {
        coordinators.withLock { $0[name] }
    }

    /// Tells all groups that topics are gone.
    func topicsWereDeleted(_ names: [String]) {
        for coordinator in coordinators.withLock({ Array($0.values) }) {
            coordinator.change { $0.topicsWereDeleted(names) }
        }
    }
}

/// Applies the rules of ``GroupState`` and wakes the members when something changes.
final class GroupCoordinator: Sendable {
    private struct Member {
        let clientID: String
        /// Fires when there may be something for it to do.
        let signal: AsyncStream<Void>.Continuation
    }

    private struct State {
        var group = GroupState()
        var members: [UInt64: Member] = [:]
    }

    /// The name of the group.
    let name: String
    private let state = Mutex(State())

    init(name: String) {
        self.name = name
    }

    /// Lets a member in; `signal` fires when there may be something for it to do.
    func join(
        _ subscription: GroupSubscription,
        clientID: String,
        signal: AsyncStream<Void>.Continuation
    ) -> UInt64 {
        var id: UInt64 = 0
        change { group in
            id = group.join(subscription)
        } also: {
            $0.members[id] = Member(clientID: clientID, signal: signal)
        }
        return id
    }

    /// Has a member read other sets.
    func resubscribe(_ member: UInt64, _ subscription: GroupSubscription) {
        change { $0.resubscribe(member, subscription) }
    }

    /// Changes the group and wakes its members.
    func change(_ body: (inout GroupState) -> Void) {
        change(body) { _ in }
    }

    /// What a member has to do next.
    func nextAction(of member: UInt64) -> GroupState.Action {
        state.withLock { state in
            let action = state.group.nextAction(of: member)
            if action == .end { state.members[member] = nil }
            return action
        }
    }

    /// The members and what they have been given, in the order in which they joined.
    var descriptions: [GroupMemberDescription] {
        state.withLock { state in
            state.members.keys.sorted()
                .map { id in
                    GroupMemberDescription(
                        memberID: "\(id)",
                        clientID: state.members[id]?.clientID ?? "",
                        assignment: state.group.partitions(heldBy: id)
                    )
                }
        }
    }

    /// The partitions that a member reads for units.
    func partitions(of units: [GroupState.Unit], of member: UInt64) -> [TopicPartition] {
        state.withLock { $0.group.partitions(of: units, of: member) }
    }

    /// Whether a member, or `nil` for a consumer that has not joined, may commit an offset of a partition.
    func mayCommit(_ partition: TopicPartition, member: UInt64?) -> Bool {
        state.withLock { $0.group.mayCommit(partition, member: member) }
    }

    private func change(_ body: (inout GroupState) -> Void, also: (inout State) -> Void) {
        let signals = state.withLock { state in
            body(&state.group)
            also(&state)
            return state.members.sorted { $0.key < $1.key }.map(\.value.signal)
        }
        for signal in signals { signal.yield() }
    }
}
