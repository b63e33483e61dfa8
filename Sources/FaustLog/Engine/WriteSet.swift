// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// Changes that the writer gathers to make them together.
struct WriteSet {
    /// The changes, in order.
    private(set) var changes: [LogChange] = []
    private var states: [PartitionID: (log: PartitionLog, state: PartitionState)] = [:]
    private var publications: [() -> Void] = []
    /// The names of topics that this write creates, so that no other command of it creates them again.
    var createdTopics: Set<String> = []

    /// Whether there is nothing to do.
    var isEmpty: Bool { changes.isEmpty && states.isEmpty && publications.isEmpty }

    /// Appends a batch behind everything that is in the partition, or will be with this write.
    ///
    /// - Returns: The offset of its first message.
    mutating func append(_ builder: BatchBuilder, to log: PartitionLog) -> Int64 {
        var state = states[log.id]?.state ?? log.state
        let base = state.end
        let batch = builder.seal(baseOffset: base, partition: log.id)
        state.end = batch.info.nextOffset
        state.byteCount += batch.info.byteCount
        state.dirtyByteCount += batch.info.byteCount
        states[log.id] = (log, state)
        changes.append(.putBatch(log.id, batch))
        return base
    }

    /// Changes the bounds of a partition.
    mutating func update(_ log: PartitionLog, _ body: (inout PartitionState) -> Void) {
        var state = states[log.id]?.state ?? log.state
        body(&state)
        states[log.id] = (log, state)
    }

    /// Adds a change.
    mutating func add(_ change: LogChange) {
        changes.append(change)
    }

    /// Adds what is to be done as soon as the changes are stored.
    mutating func whenStored(_ body: @escaping () -> Void) {
        publications.append(body)
    }

    /// Forgets the new bounds of a topic's partitions, because it goes away with this write.
    mutating func discardStates(of topic: UInt32) {
        states = states.filter { $0.key.topic != topic }
    }

    /// Everything that is to be stored.
    func sealed() -> [LogChange] {
        changes + states.map { LogChange.putState($0.key, $0.value.state) }
    }

    /// Makes the stored changes visible.
    func publish() {
        for (log, state) in states.values { log.publish(state) }
        for body in publications { body() }
    }
}
