// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if RocksDB
import FaustCore
import FaustLog
import Foundation
import Synchronization
import Testing

@Suite("Recovery of a log on disk")
struct RecoveryTests {
    private let partition = TopicPartition("a", 0)
    private let declaration = TopicDeclaration(name: "a", partitions: 2, configuration: ["retention.ms": "-1"])

    @Test("everything is there again after a restart")
    func restart() async throws {
        let directory = TemporaryDirectory()
        try await withLog(.directory, directory: directory) { log in
            try await log.createTopics([declaration, TopicDeclaration(name: "gone", partitions: 1)])
            let producer = try log.producer()
            for number in 0..<100 {
                _ = await producer.append([.text("\(number)", key: "k", to: TopicPartition("a", Int32(number % 2)))])
            }
            let consumer = try log.consumer(group: "g")
            _ = try await consumer.commit([partition: 17])
            try await log.deleteTopics(["gone"])
            await consumer.close()
        }
        for _ in 0..<2 {
            try await withLog(.directory, directory: directory) { log in
                #expect(
                    try await log.topics(nil) == [
                        "a": TopicMetadata(name: "a", partitions: 2, configuration: declaration.configuration)
                    ]
                )
                #expect(try await log.committedOffsets(group: "g", partitions: [partition]) == [partition: 17])
                let values = try await log.readAll(partition).map(\.value)
                #expect(values.prefix(50) == ArraySlice((0..<50).map { Bytes("\($0 * 2)") }))
                let next = Int64(values.count)
                let metadata = try await log.producer().append([.text("more", to: partition)])[0].get()
                #expect(metadata.offset == next)
                // A topic created after a deletion and a restart shares nothing with the old one.
                try await log.createTopics([TopicDeclaration(name: "gone", partitions: 1)])
                #expect(try await log.readAll(TopicPartition("gone", 0)).isEmpty)
                try await log.deleteTopics(["gone"])
            }
        }
    }

    @Test("offsets go on where they were even when retention has deleted everything")
    func emptied() async throws {
        let directory = TemporaryDirectory()
        let time = ManualTime()
        try await withLog(.directory, .quiet(time), directory: directory) { log in
            try await log.createTopics([
                TopicDeclaration(name: "a", partitions: 1, configuration: ["retention.ms": "1"])
            ])
            _ = try await log.producer().append([.text("1", to: partition), .text("2", to: partition)])
            time.advance(by: 1000)
            try await log.maintain()
        }
        try await withLog(.directory, .quiet(time), directory: directory) { log in
            let bounds = try await log.offsets(of: [partition])
            #expect(bounds == [partition: 2..<2])
        }
    }

    @Test("what is acknowledged survives a crash at any moment")
    func crash() async throws {
        let directory = TemporaryDirectory()
        try await withLog(.directory, directory: directory) { log in
            try await log.createTopics([declaration])
            let producer = try log.producer()
            let acknowledged = Atomic(0)
            let body = String(repeating: "x", count: 200)
            let sender = Task.detached {
                for number in 0..<3000 {
                    producer.send([.text("\(number):" + body, to: TopicPartition("a", 0))]) { _, outcome in
                        if case .success = outcome { acknowledged.add(1, ordering: .sequentiallyConsistent) }
                    }
                    if number % 100 == 0 { await producer.flush() }
                }
                await producer.flush()
            }
            for round in 1...4 {
                while acknowledged.load(ordering: .sequentiallyConsistent) < round * 600 { await Task.yield() }
                let before = acknowledged.load(ordering: .sequentiallyConsistent)
                // The files as they are at this moment are what a SIGKILL would leave.
                let copy = try directory.copy()
                try await withLog(.directory, directory: copy) { survivor in
                    let messages = try await survivor.readAll(partition)
                    #expect(messages.count >= before)
                    #expect(messages.allSatisfy { String($0.value ?? "") == "\($0.offset):" + body })
                    #expect(messages.map(\.offset) == Array(0..<Int64(messages.count)))
                    let next = try await survivor.producer().append([.text("next", to: partition)])[0].get()
                    #expect(next.offset == Int64(messages.count))
                }
            }
            await sender.value
        }
    }

    @Test("a torn tail of the write-ahead log is cut off", arguments: [1, 7, 100, 1000, 5000])
    func tornTail(lost: Int) async throws {
        let directory = TemporaryDirectory()
        try await withLog(.directory, directory: directory) { log in
            try await log.createTopics([declaration])
            let producer = try log.producer()
            for number in 0..<50 {
                _ = await producer.append([.text("\(number):" + String(repeating: "x", count: 100), to: partition)])
            }
            let copy = try directory.copy()
            let file = try #require(try Self.files(copy, ".log").max())
            let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            try bytes.dropLast(lost).write(to: URL(fileURLWithPath: file))
            try await withLog(.directory, directory: copy) { survivor in
                let messages = try await survivor.readAll(partition)
                #expect(messages.count < 50 && messages.count >= 50 - 1 - lost / 100)
                #expect(messages.map(\.offset) == Array(0..<Int64(messages.count)))
                let end = try await survivor.offsets(of: [partition])[partition]
                #expect(end == 0..<Int64(messages.count))
                let next = try await survivor.producer().append([.text("next", to: partition)])[0].get()
                #expect(next.offset == Int64(messages.count))
            }
        }
    }

    @Test("flipped bytes in the table files make holes and never wrong messages", arguments: 0..<12)
    func flippedBytes(seed: Int) async throws {
        var random = SplitMix(seed: UInt64(seed))
        let directory = TemporaryDirectory()
        let body = String(repeating: "0123456789", count: 30)
        try await withLog(.directory, directory: directory) { log in
            try await log.createTopics([declaration])
            let producer = try log.producer()
            for number in 0..<60 {
                let count = number % 3 == 0 ? 100 : 1
                _ = await producer.append((0..<count).map { _ in .text(body, key: "\(number)", to: partition) })
            }
        }
        // Opening writes what is in the write-ahead log to table files.
        try await withLog(.directory, directory: directory) { _ in }
        let files = try Self.files(directory, ".sst")
        #expect(!files.isEmpty)
        for file in files {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            // The last part holds the file's own index, without which the database does not open at all.
            for _ in 0..<3 { bytes[random.next(below: max(1, bytes.count * 9 / 10))] ^= 0x55 }
            try bytes.write(to: URL(fileURLWithPath: file))
        }
        do {
            try await withLog(.directory, directory: directory) { log in
                let end = try #require(try await log.offsets(of: [partition])[partition]).upperBound
                #expect(end == 20 * 100 + 40)
                let messages = try await log.readAll(partition)
                #expect(messages.allSatisfy { $0.value == Bytes(body) })
                #expect(zip(messages, messages.dropFirst()).allSatisfy { $0.offset < $1.offset })
                #expect(messages.count < Int(end))
                #expect(try await log.producer().append([.text("next", to: partition)])[0].get().offset == end)
            }
        } catch let error as FaustError {
            // Damage where topics and bounds lie is reported; nothing is guessed.
            #expect(error.code == .corruption || error.code == .storage, "\(error)")
        }
    }

    @Test("a log of a newer layout is refused")
    func newerLayout() async throws {
        let directory = TemporaryDirectory()
        try await withLog(.directory, directory: directory) { _ in }
        try LayoutVersion.set(99, in: directory.path)
        let error = await #expect(throws: FaustError.self) {
            try await withLog(.directory, directory: directory) { _ in }
        }
        #expect(error?.code == .storage)
        #expect(error?.message.contains("layout 99") ?? false)
    }

    @Test("a log that is open already is refused, naming the directory")
    func inUse() async throws {
        let directory = TemporaryDirectory()
        try await withLog(.directory, directory: directory) { _ in
            let second = LogTransport(directory: directory.path)
            let error = await #expect(throws: FaustError.self) { try await second.start() }
            #expect(error?.code == .storage)
            #expect(error?.message.contains(directory.path) ?? false)
            #expect((error?.cause as? LogDirectoryInUse)?.directory == directory.path)
        }
    }

    @Test("a directory that can't be made is an error")
    func unwritable() async throws {
        let directory = TemporaryDirectory()
        try Data("a file".utf8).write(to: URL(fileURLWithPath: directory.path))
        let log = LogTransport(directory: directory.path + "/log")
        let error = await #expect(throws: FaustError.self) { try await log.start() }
        #expect(error?.code == .storage)
        #expect(error?.message.contains(directory.path) ?? false)
    }

    @Test("a transaction under way at a crash is gone, a committed one is whole")
    func transactions() async throws {
        let directory = TemporaryDirectory()
        try await withLog(.directory, directory: directory) { log in
            try await log.createTopics([declaration])
            let producer = try log.producer(transactionalID: "t")
            let consumer = try log.consumer(group: "g")
            for round in 0..<5 {
                try await producer.beginTransaction()
                for number in 0..<2 { _ = producer.start([.text("\(round)", to: TopicPartition("a", Int32(number)))]) }
                let before = try directory.copy()
                try await Self.expect(before, rounds: Int64(round))
                try await producer.commitTransaction(offsets: [partition: Int64(round) + 1], of: consumer)
                let after = try directory.copy()
                try await Self.expect(after, rounds: Int64(round) + 1)
            }
        }
    }

    private static func expect(_ directory: TemporaryDirectory, rounds: Int64) async throws {
        try await withLog(.directory, directory: directory) { log in
            let partitions = [TopicPartition("a", 0), TopicPartition("a", 1)]
            for partition in partitions {
                #expect(try await log.offsets(of: [partition])[partition]?.upperBound == rounds)
            }
            let committed = try await log.committedOffsets(group: "g", partitions: partitions)
            #expect(committed == (rounds == 0 ? [:] : [partitions[0]: rounds]))
        }
    }

    private static func files(_ directory: TemporaryDirectory, _ suffix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path)
            .filter { $0.hasSuffix(suffix) }
            .map { directory.path + "/" + $0 }
            .sorted()
    }
}
#else
import FaustCore
import FaustLog
import Testing

@Suite("A build without RocksDB")
struct BuildWithoutRocksDBTests {
    @Test("a directory is refused with a message that says what to do")
    func refused() async throws {
        let log = LogTransport(directory: "/tmp/faust-log")
        let error = await #expect(throws: FaustError.self) { try await log.start() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("/tmp/faust-log") ?? false)
        #expect(error?.message.contains("trait RocksDB") ?? false)
    }
}
#endif
