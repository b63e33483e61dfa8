// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

/// A consumer group of a check: who owns what, as the members are told.
final class ConformanceGroup: Sendable {
    /// Who owns each partition, and what is wrong with that.
    struct Ledger: Sendable {
        var owners: [TopicPartition: String] = [:]
        var faults: [String] = []

        /// What a member owns.
        func partitions(of member: String) -> Set<TopicPartition> {
            Set(owners.filter { $0.value == member }.keys)
        }
    }

    let name: String
    let sets: [CopartitionedSet]
    let ledger = Watched(Ledger())

    init(name: String, sets: [CopartitionedSet]) {
        self.name = name
        self.sets = sets
    }

    /// A group that reads one topic.
    convenience init(name: String, topic: String) {
        self.init(name: name, sets: [CopartitionedSet([topic])])
    }

    /// Waits until the members own what a condition asks for.
    @discardableResult
    func waitForOwners(
        _ rig: ConformanceRig,
        _ what: String,
        until condition: @escaping @Sendable (Ledger) -> Bool
    ) async throws -> Ledger {
        let ledger = ledger
        do {
            let value = try await withDeadline(rig.patience, what) { try await ledger.wait(until: condition) }
            try rig.expect(value.faults.isEmpty, value.faults.joined(separator: "; "))
            return value
        } catch let error as DeadlineExceeded {
            throw DeadlineExceeded(what: "\(what); owners: \(ledger.value.owners)", limit: error.limit)
        }
    }
}

/// A member of a group that reads all it is given and keeps a record of what it is told.
final class ConformanceMember: RebalanceListener {
    /// Is called inside ``revoked(_:)``, while the partitions still belong to the member.
    typealias RevokeHook = @Sendable (_ member: ConformanceMember, _ partitions: [TopicPartition]) async -> Void

    enum Event: Sendable, Equatable {
        case assigned(Set<TopicPartition>)
        case revoked(Set<TopicPartition>)
        case lost(Set<TopicPartition>)
        case failed(FaustError.Code)
    }

    struct State: Sendable {
        var events: [Event] = []
        var epoch: UInt64 = 0
        var callsUnderWay = 0
    }

    let name: String
    let reader: ConformanceReader
    let state = Watched(State())
    private let group: ConformanceGroup
    private let onRevoke: RevokeHook

    init(name: String, group: ConformanceGroup, reader: ConformanceReader, onRevoke: @escaping RevokeHook) {
        self.name = name
        self.group = group
        self.reader = reader
        self.onRevoke = onRevoke
    }

    /// What the member was told so far.
    var events: [Event] { state.value.events }
    /// What the member has now.
    var partitions: Set<TopicPartition> { group.ledger.value.partitions(of: name) }
    /// All that was ever taken from it.
    var revocations: Set<TopicPartition> {
        events.reduce(into: []) { all, event in if case .revoked(let partitions) = event { all.formUnion(partitions) } }
    }

    func assigned(_ partitions: [TopicPartition]) async {
        let epoch = enter(.assigned(Set(partitions)))
        let name = name
        group.ledger.update { ledger in
            for partition in partitions {
                if let owner = ledger.owners[partition] {
                    ledger.faults.append("\(partition) was given to \(name) while \(owner) had it")
                }
                ledger.owners[partition] = name
            }
        }
        for partition in partitions { reader.read(partition, from: nil, epoch: epoch) }
        leave()
    }

    func revoked(_ partitions: [TopicPartition]) async {
        enter(.revoked(Set(partitions)))
        await onRevoke(self, partitions)
        release(partitions)
        leave()
    }

    func lost(_ partitions: [TopicPartition]) async {
        enter(.lost(Set(partitions)))
        release(partitions)
        leave()
    }

    func failed(_ error: FaustError) async {
        enter(.failed(error.code))
        leave()
    }

    /// Leaves the group and closes the consumer.
    func close() async { await reader.close() }

    private func release(_ partitions: [TopicPartition]) {
        let name = name
        for partition in partitions { reader.consumer.stopReading(partition) }
        group.ledger.update { ledger in
            for partition in partitions {
                if ledger.owners[partition] != name {
                    ledger.faults.append("\(partition) was taken from \(name), which did not have it")
                }
                ledger.owners[partition] = nil
            }
        }
    }

    @discardableResult
    private func enter(_ event: Event) -> UInt64 {
        let (epoch, overlaps) = state.update { state in
            state.events.append(event)
            state.callsUnderWay += 1
            state.epoch += 1
            return (state.epoch, state.callsUnderWay > 1)
        }
        if overlaps {
            let name = name
            group.ledger.update { $0.faults.append("\(name) was called while another call was under way") }
        }
        return epoch
    }

    private func leave() {
        state.update { $0.callsUnderWay -= 1 }
    }
}
