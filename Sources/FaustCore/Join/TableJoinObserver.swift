// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Gathers what changes in two tables until a commit has told the changes of both, then tells those of their join.
final class TableJoinObserver<Key: Sendable, Left: Sendable, Right: Sendable, Joined: Sendable>: Sendable {
    /// What has become of a key in either table; `nil` when it has not changed there.
    private struct Change: Sendable {
        let key: Key
        var left: (old: Left?, new: Left?)?
        var right: (old: Right?, new: Right?)?
    }

    let left: TableCore<Key, Left>
    let right: TableCore<Key, Right>
    private let combine: @Sendable (Left?, Right?) -> Joined?
    private let hooks = Mutex<[TableJoin<Key, Joined>.Hook]>([])
    private let changes = Mutex<[Int32: [Bytes: Change]]>([:])

    init(
        _ left: TableCore<Key, Left>,
        _ right: TableCore<Key, Right>,
        _ combine: @escaping @Sendable (Left?, Right?) -> Joined?
    ) {
        (self.left, self.right, self.combine) = (left, right, combine)
    }

    var name: String { "the join of tables \(left.name) and \(right.name)" }

    /// Adds a hook; with the first one, both tables are observed.
    func add(_ hook: @escaping TableJoin<Key, Joined>.Hook) {
        let isFirst = hooks.withLock { hooks in
            hooks.append(hook)
            return hooks.count == 1
        }
        guard isFirst else { return }
        left.onChange { [self] key, old, new in try note(key) { $0.left = (old, new) } }
        right.onChange { [self] key, old, new in try note(key) { $0.right = (old, new) } }
        left.app.declarations.withLock { declarations in
            declarations.observers.append { [self] engine, _ in
                let lane = { @Sendable [weak engine] (number: Int32) in engine?.lane(of: number) }
                return TableJoinRun(name: name, forget: { self.forget() }, tell: { try await self.tell(lane) })
            }
        }
    }

    private func note(_ key: Key, _ change: (inout Change) -> Void) throws(FaustError) {
        guard let number = EventScope.current?.partitionNumber else { return }
        let bytes = try left.form.encode(key)
        changes.withLock { change(&$0[number, default: [:]][bytes, default: Change(key: key)]) }
    }

    private func forget() {
        changes.withLock { $0 = [:] }
    }

    /// Tells what has changed, on the lanes of the partitions.
    private func tell(_ lane: @Sendable (Int32) -> Lane?) async throws {
        let changes = changes.withLock { changes in
            defer { changes = [:] }
            return changes
        }
        for (number, changes) in changes.sorted(by: { $0.key < $1.key }) {
            let scope = EventScope(
                owner: name,
                partition: TopicPartition(left.changelogTopic, number),
                partitionCount: left.partitionCount
            )
            try await withTaskExecutorPreference(lane(number)) {
                try await EventScope.$current.withValue(scope) { try await tell(changes, in: number, scope) }
            }
        }
    }

    private func tell(_ changes: [Bytes: Change], in number: Int32, _ scope: EventScope) async throws {
        let (lefts, rights) = (try left.partition(number), try right.partition(number))
        let hooks = hooks.withLock { $0 }
        for (bytes, change) in changes.sorted(by: { $0.key.precedes($1.key) }) {
            let left = try change.left ?? unchanged(try lefts.toldValue(of: bytes))
            let right = try change.right ?? unchanged(try rights.toldValue(of: try right.form.encode(change.key)))
            let (old, new) = (combine(left.old, right.old), combine(left.new, right.new))
            guard old != nil || new != nil else { continue }
            for hook in hooks { try await hook(change.key, old, new) }
            if let fault = scope.takeFault() { throw fault }
        }
    }

    private func unchanged<Value>(_ value: Value?) -> (old: Value?, new: Value?) { (value, value) }
}

/// The part of joined tables in a worker's commits: behind those of the tables.
final class TableJoinRun: CommitParticipant {
    let name: String
    private let forget: @Sendable () -> Void
    private let tell: @Sendable () async throws -> Void

    init(
        name: String,
        forget: @escaping @Sendable () -> Void,
        tell: @escaping @Sendable () async throws -> Void
    ) {
        (self.name, self.forget, self.tell) = (name, forget, tell)
    }

    func needsRecovery(_ partition: TopicPartition) -> Bool { false }
    func recover(_ partition: TopicPartition) async throws {}
    func revoked(_ partitions: [TopicPartition]) async {}
    func lost(_ partitions: [TopicPartition]) async {}
    func beforePrepare() async throws { try await tell() }
    func prepare(_ changelog: ChangelogWriter) async throws {}
    func store() async throws {}
    func rollBack(_ partitions: [TopicPartition]) async { forget() }
}
