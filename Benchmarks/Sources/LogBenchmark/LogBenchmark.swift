// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import Foundation
import Logging
import Synchronization

/// Measures the embedded log: `LogBenchmark [memory | directory] [millions of messages]`.
@main
struct LogBenchmark {
    private static let partitions: Int32 = 4
    private static let batchCount = 1000

    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let place = arguments.first ?? NSTemporaryDirectory() + "faust-log-benchmark-\(UUID().uuidString)"
        let millions = arguments.dropFirst().first.flatMap(Int.init) ?? 10
        print("log in \(place), messages of 100 bytes, \(partitions) partitions")
        try await measure(place, .never, "no fsync", count: millions * 1_000_000, reads: true)
        try await measure(place, .everyCommit, "fsync", count: millions * 200_000, reads: false)
        try await singles(place, .never, "no fsync")
        try await singles(place, .everyCommit, "fsync")
    }

    private static func withLog(
        _ place: String,
        _ synchronization: LogConfiguration.Synchronization,
        _ body: (LogTransport) async throws -> Void
    ) async throws {
        var configuration = LogConfiguration()
        configuration.synchronization = synchronization
        try? FileManager.default.removeItem(atPath: place)
        defer { try? FileManager.default.removeItem(atPath: place) }
        let storage: LogTransport.Storage = place == "memory" ? .memory : .directory(place)
        let log = LogTransport(storage: storage, configuration: configuration)
        try await log.start()
        try await log.createTopics([TopicDeclaration(name: "numbers", partitions: partitions)])
        try await body(log)
        await log.stop()
    }

    private static func measure(
        _ place: String,
        _ synchronization: LogConfiguration.Synchronization,
        _ label: String,
        count: Int,
        reads: Bool
    ) async throws {
        try await withLog(place, synchronization) { log in
            let producer = try log.makeProducer(ProducerConfiguration(logger: Logger(label: "benchmark")))
            let batches = (0..<partitions).map { messages(to: $0) }
            let settled = Atomic(0)
            try await report("append, batches of \(batchCount), \(label)", count) {
                for number in 0..<count / batchCount {
                    producer.send(batches[number % Int(partitions)]) { _, outcome in
                        if case .success = outcome { settled.add(1, ordering: .relaxed) }
                    }
                }
                await producer.flush()
            }
            guard settled.load(ordering: .relaxed) == count else { fatalError("messages were refused") }
            if synchronization == .everyCommit {
                // One batch at a time, each acknowledged before the next is sent.
                try await report("append, one batch after the other, \(label)", count / 10) {
                    for number in 0..<count / batchCount / 10 {
                        producer.send(batches[number % Int(partitions)]) { _, _ in }
                        await producer.flush()
                    }
                }
            }
            if reads {
                try await report("read, cold and warm", count) { try await read(log, count) }
                try await report("read again", count) { try await read(log, count) }
            }
            await producer.close()
        }
    }

    private static func read(_ log: LogTransport, _ count: Int) async throws {
        let consumer = try log.makeConsumer(ConsumerConfiguration(group: nil, logger: Logger(label: "benchmark")))
        let queue = consumer.makeQueue()
        for partition in 0..<partitions {
            consumer.read(TopicPartition("numbers", partition), from: 0, into: queue, epoch: 1)
        }
        var seen = 0
        var checksum: Int64 = 0
        while seen < count {
            for batch in queue.poll(limit: 1000, timeout: .seconds(1)) {
                seen += batch.count
                for entry in batch.entries { checksum &+= entry.offset &+ Int64(entry.valueCount) }
            }
        }
        if checksum == 0 { print("nothing was read") }
        await consumer.close()
    }

    private static func singles(
        _ place: String,
        _ synchronization: LogConfiguration.Synchronization,
        _ label: String
    ) async throws {
        let senders = 256
        let each = 1000
        try await withLog(place, synchronization) { log in
            let producer = try log.makeProducer(ProducerConfiguration(logger: Logger(label: "benchmark")))
            try await report("single sends, \(senders) senders, each waits, \(label)", senders * each) {
                await withTaskGroup(of: Void.self) { group in
                    for sender in 0..<senders {
                        group.addTask {
                            let message = [messages(to: Int32(sender) % partitions)[0]]
                            for _ in 0..<each {
                                await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                                    producer.send(message) { _, _ in continuation.resume() }
                                }
                            }
                        }
                    }
                }
            }
            await producer.close()
        }
    }

    private static func messages(to partition: Int32) -> [OutgoingMessage] {
        (0..<batchCount)
            .map { number in
                OutgoingMessage(
                    to: TopicPartition("numbers", partition),
                    key: Bytes("key\(number)"),
                    value: Bytes([UInt8](repeating: UInt8(number & 0xFF), count: 100)),
                    timestampMilliseconds: nil
                )
            }
    }

    private static func report(_ what: String, _ count: Int, _ body: () async throws -> Void) async throws {
        let cpuBefore = processorNanoseconds()
        let start = ContinuousClock.now
        try await body()
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        let cpu = (processorNanoseconds() - cpuBefore) / count
        let rate = Int(Double(count) / elapsed)
        print("\(what): \(rate) messages/s, \(cpu) ns CPU per message")
    }

    private static func processorNanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
