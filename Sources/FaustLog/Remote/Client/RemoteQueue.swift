// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import DequeModule
import FaustCore

/// Where the batches of a remote consumer come out.
///
/// The server sends as much as the queue has room for, so that polls seldom wait; what is taken out makes room again.
final class RemoteQueue: TransportQueue {
    /// How many bytes may lie in the queue or be on their way to it.
    static let windowByteCount = 4 << 20

    private struct Item {
        let batch: MessageBatch
        let byteCount: Int
    }

    private struct State {
        /// Partitions that have batches, in the order of their turns.
        var turns: Deque<TopicPartition> = []
        var items: [TopicPartition: Deque<Item>] = [:]
        var isWoken = false
        var isClosed = false
        /// Room that the server has not been told of yet, in bytes.
        var freed = 0
    }

    let number: UInt32
    private let connection: RemoteConnection
    private let state = Monitor(State())

    init(number: UInt32, connection: RemoteConnection) {
        self.number = number
        self.connection = connection
    }

    func poll(limit: Int, timeout: Duration) -> [MessageBatch] {
        let deadline = Monotonic.deadline(after: timeout)
        let taken = state.wait(until: deadline) { state -> [Item]? in
            if state.isClosed { return [] }
            let isWoken = state.isWoken
            state.isWoken = false
            let items = Self.take(limit: limit, from: &state)
            return items.isEmpty && !isWoken ? nil : items
        }
        guard let taken else { return [] }
        free(taken.reduce(0) { $0 + $1.byteCount })
        return taken.map(\.batch)
    }

    func wake() {
        state.update { state in
            state.isWoken = true
            return true
        }
    }

    /// Adds a batch that has arrived.
    func append(_ batch: MessageBatch, byteCount: Int) {
        state.update { state in
            guard !state.isClosed else { return false }
            if state.items[batch.topicPartition, default: []].isEmpty { state.turns.append(batch.topicPartition) }
            state.items[batch.topicPartition, default: []].append(Item(batch: batch, byteCount: byteCount))
            return true
        }
    }

    /// Tells the server of room, when there is enough of it to be worth a frame.
    func free(_ byteCount: Int) {
        var credit = 0
        state.update { state in
            state.freed += byteCount
            if state.freed >= Self.windowByteCount / 4 { (credit, state.freed) = (state.freed, 0) }
            return false
        }
        if credit > 0 { connection.send(.credit(queue: number, byteCount: UInt32(clamping: credit))) }
    }

    /// Throws away what is in the queue; polls return at once from then on.
    func close() {
        state.update { state in
            state.isClosed = true
            (state.turns, state.items) = ([], [:])
            return true
        }
    }

    /// Takes one batch of each partition in turn.
    private static func take(limit: Int, from state: inout State) -> [Item] {
        var items: [Item] = []
        var count = 0
        while count < max(limit, 1), let partition = state.turns.popFirst() {
            guard let item = state.items[partition]?.popFirst() else { continue }
            if state.items[partition]?.isEmpty == false {
                state.turns.append(partition)
            } else {
                state.items[partition] = nil
            }
            items.append(item)
            count += item.batch.count
        }
        return items
    }
}
