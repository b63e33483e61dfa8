// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Logging

/// Keeps only the latest message of each key of a partition.
///
/// As in Kafka's log cleaner: a map of the latest offsets is made of what is new, up to a number of keys; then
/// everything before its end is gone through, oldest first, and messages that are superseded are left out. This is
/// repeated until the end. Batches that shrink are put together with their neighbours. Every step is one atomic write
/// that changes nothing but the batches concerned, so that a crash leaves a partition that is compacted in part.
struct Compactor: Sendable {
    /// The size that batches are put together to, in bytes.
    private static let outputByteCount = 262_144

    private let engine: LogEngine
    private let log: PartitionLog
    private let policy: TopicPolicy
    private let isStopping: @Sendable () -> Bool

    init(engine: LogEngine, log: PartitionLog, policy: TopicPolicy, isStopping: @escaping @Sendable () -> Bool) {
        self.engine = engine
        self.log = log
        self.policy = policy
        self.isStopping = isStopping
    }

    /// Compacts everything that is in the partition now.
    func run() throws(FaustError) {
        let end = log.state.end
        var cleanedTo = max(log.state.cleanedTo, log.state.start)
        repeat {
            let (map, mapped) = try makeMap(from: cleanedTo, to: end)
            try clean(to: mapped, map)
            cleanedTo = mapped
        } while cleanedTo < end && !isStopping() && !log.isDeleted
    }

    /// Notes the latest offsets of the keys from an offset on.
    ///
    /// - Returns: The map, and the offset up to which it is complete.
    private func makeMap(from start: Int64, to end: Int64) throws(FaustError) -> (CompactionMap, Int64) {
        var map = CompactionMap(maxKeys: engine.configuration.maxCompactionKeys)
        var full: Int64?
        try forEachBatch(from: start, to: end) { batch, messages in
            guard let messages else { return true }
            for index in 0..<messages.count where messages.entries[index].offset >= start {
                if let key = messages[index].key, !map.note(key, at: messages.entries[index].offset) {
                    full = messages.entries[index].offset
                    return false
                }
            }
            return !isStopping()
        }
        // A map has room for at least one key, so that the next one starts further on.
        return (map, full ?? (isStopping() ? start : end))
    }

    /// Leaves out what is superseded before an offset.
    private func clean(to end: Int64, _ map: CompactionMap) throws(FaustError) {
        var output = Output(log: log, maxByteCount: Self.outputByteCount)
        let horizon = engine.configuration.currentTimeMilliseconds() - policy.deleteRetentionMilliseconds
        var failure: FaustError?
        try forEachBatch(from: log.state.start, to: end) { batch, messages in
            // What can't be read stays as it is, for readers to report.
            let change = messages.map { output.add(batch, $0) { keeps($0, before: end, map, horizon) } }
            failure = write(change ?? output.flush())
            return failure == nil && !isStopping()
        }
        if let failure { throw failure }
        if isStopping() { return }
        if let failure = write(output.flush()) { throw failure }
        try engine.writer.executeBlocking { set in
            if log.isDeleted { return }
            set.update(log) { state in
                state.cleanedTo = max(state.cleanedTo, end)
                if end >= state.end { state.dirtyByteCount = 0 }
            }
        }
    }

    private func keeps(_ message: Message, before end: Int64, _ map: CompactionMap, _ horizon: Int64) -> Bool {
        if message.offset >= end { return true }
        // A message without a key can never be superseded, and does not belong into a compacted topic.
        guard let key = message.key else { return false }
        if map.hasLater(key, than: message.offset) { return false }
        return message.value != nil || message.timestampMilliseconds >= horizon
    }

    private func write(_ change: Output.Change?) -> FaustError? {
        guard let change else { return nil }
        do throws(FaustError) {
            try engine.writer.executeBlocking { set in
                // Retention runs on the same thread as this; only the topic can be gone.
                if log.isDeleted { return }
                set.add(.replaceBatches(log.id, change.range, with: change.batch))
                set.update(log) { $0.byteCount = max(0, $0.byteCount - change.savedByteCount) }
            }
            return nil
        } catch {
            return error
        }
    }

    /// Reads all batches in a range of offsets; the messages are `nil` where a batch is damaged.
    private func forEachBatch(
        from start: Int64,
        to end: Int64,
        _ body: (BatchInfo, MessageBatch?) -> Bool
    ) throws(FaustError) {
        var position = start
        while position < end {
            let limit = ReadLimit(byteCount: 1_048_576, offsetCount: end - position)
            let items = try engine.storage.read(log.id, from: position, limit: limit)
            if items.isEmpty { return }
            for item in items {
                switch item {
                case .batch(let batch):
                    if batch.info.baseOffset >= end { return }
                    position = batch.info.nextOffset
                    if !body(batch.info, messages(batch)) { return }
                case .damaged(let range, _):
                    position = max(range.upperBound, position + 1)
                    let info = BatchInfo(
                        baseOffset: range.lowerBound,
                        nextOffset: range.upperBound,
                        maxTimestamp: 0,
                        byteCount: 0
                    )
                    if !body(info, nil) { return }
                }
            }
        }
    }

    private func messages(_ batch: StoredBatch) -> MessageBatch? {
        var entries: ContiguousArray<MessageBatch.Entry> = []
        guard (try? batch.decode(of: log.id, into: &entries)) != nil else { return nil }
        return MessageBatch(
            topicPartition: log.topicPartition,
            epoch: 0,
            nextOffset: batch.info.nextOffset,
            storage: batch.storage,
            entries: entries
        )
    }
}

extension Compactor {
    /// Puts what is left of neighbouring batches together.
    private struct Output {
        /// Batches to be replaced by what is left of them.
        struct Change: Sendable {
            let range: Range<Int64>
            let batch: StoredBatch?
            let savedByteCount: Int64
        }

        private let log: PartitionLog
        private let maxByteCount: Int
        private var builder = BatchBuilder()
        private var range: Range<Int64>?
        private var inputByteCount: Int64 = 0
        private var inputCount = 0
        private var hasRemoved = false

        init(log: PartitionLog, maxByteCount: Int) {
            self.log = log
            self.maxByteCount = maxByteCount
        }

        /// Adds what is to be kept of a batch.
        ///
        /// - Returns: A change that is complete, if there is one.
        mutating func add(_ info: BatchInfo, _ messages: MessageBatch, _ keeps: (Message) -> Bool) -> Change? {
            let kept = (0..<messages.count).filter { keeps(messages[$0]) }
            let isUnchanged = kept.count == messages.count
            if isUnchanged
                && (info.byteCount >= maxByteCount / 2 || messages.count >= [BatchBuilder].fullRecordCount / 2)
            {
                return flush()
            }
            // The next batch starts where this change ends, also when there is a hole between them.
            let start = range?.lowerBound ?? info.baseOffset
            range = start..<info.nextOffset
            inputByteCount += info.byteCount
            inputCount += 1
            hasRemoved = hasRemoved || !isUnchanged
            for index in kept {
                let message = messages[index]
                builder.append(
                    key: message.key,
                    value: message.value,
                    headers: message.headers,
                    timestamp: message.timestampMilliseconds,
                    delta: message.offset - start
                )
            }
            return builder.byteCount >= maxByteCount || builder.isFull ? flush() : nil
        }

        /// Completes the change under way, if it changes anything.
        mutating func flush() -> Change? {
            defer {
                builder = BatchBuilder()
                range = nil
                inputByteCount = 0
                inputCount = 0
                hasRemoved = false
            }
            guard let range, hasRemoved || inputCount > 1 else { return nil }
            let batch =
                builder.recordCount == 0
                ? nil
                : builder.seal(baseOffset: range.lowerBound, nextOffset: range.upperBound, partition: log.id)
            return Change(range: range, batch: batch, savedByteCount: inputByteCount - (batch?.info.byteCount ?? 0))
        }
    }
}

extension Maintenance {
    /// Compacts all partitions of a topic.
    func compact(_ topic: Topic) throws(FaustError) {
        for log in topic.partitions where !isStopping { try compact(log, topic.policy) }
    }

    /// Compacts the partitions of a topic of which enough is new.
    func compactWhatIsDirty(_ topic: Topic) throws(FaustError) {
        for log in topic.partitions where !isStopping {
            let state = log.state
            guard state.dirtyByteCount > 0, state.byteCount > 0 else { continue }
            let ratio = Double(state.dirtyByteCount) / Double(state.byteCount)
            if ratio >= topic.policy.minDirtyRatio { try compact(log, topic.policy) }
        }
    }

    private func compact(_ log: PartitionLog, _ policy: TopicPolicy) throws(FaustError) {
        let before = log.state.byteCount
        try Compactor(engine: engine, log: log, policy: policy, isStopping: { self.isStopping }).run()
        engine.logger.debug(
            "a partition was compacted",
            metadata: [
                "partition": "\(log.topicPartition)", "bytes": "\(before)", "left": "\(log.state.byteCount)",
            ]
        )
    }
}
