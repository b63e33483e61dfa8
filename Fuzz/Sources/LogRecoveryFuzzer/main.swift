// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import CLibFuzz
import FaustCore
import FaustLog
import Foundation
import Logging

// A log on disk whose files are damaged: bytes are changed and files cut off, as the input says. Opening it either fails
// with a FaustError or gives a log in which every message that can be read is one that was written, at its own offset.

let topic = "orders"
let partitions: Int32 = 2
let messageCount: Int64 = 400
let quiet = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
let root = FileManager.default.temporaryDirectory.appending(path: "faust-fuzz-\(UUID())")
let template = root.appending(path: "template")

func value(_ partition: Int32, _ offset: Int64) -> Bytes {
    Bytes("message \(offset) of partition \(partition), " + String(repeating: "x", count: Int(offset % 50)))
}

/// Runs something that suspends, from the fuzzer's own thread.
func wait(_ body: @escaping @Sendable () async -> Void) {
    let done = DispatchSemaphore(value: 0)
    // The fuzzer calls plain functions: there is no task to be a child of.
    Task.detached {
        await body()
        done.signal()
    }
    done.wait()
}

func writeTemplate() async throws {
    let log = LogTransport(directory: template.path, logger: quiet)
    try await log.start()
    try await log.createTopics([TopicDeclaration(name: topic, partitions: partitions)])
    let producer = try log.makeProducer(ProducerConfiguration(logger: quiet))
    for start in stride(from: 0, to: messageCount, by: 40) {
        for partition in 0..<partitions {
            let messages = (start..<start + 40)
                .map { offset in
                    OutgoingMessage(
                        to: TopicPartition(topic, partition),
                        key: Bytes("k\(offset % 7)"),
                        value: value(partition, offset)
                    )
                }
            producer.send(messages) { _, _ in }
        }
        await producer.flush()
    }
    await producer.close()
    await log.stop()
}

/// Changes the files: five bytes of the input are one change: a file, a place (two bytes), what to do, with what.
func damage(_ folder: URL, _ input: UnsafeBufferPointer<UInt8>) throws {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
    let files = names.map { folder.appending(path: $0) }.filter { !$0.hasDirectoryPath }
    for start in stride(from: 0, to: input.count - 4, by: 5) {
        let file = files[Int(input[start]) % files.count]
        guard var content = try? Data(contentsOf: file), !content.isEmpty else { continue }
        let place = (Int(input[start + 1]) << 8 | Int(input[start + 2])) % content.count
        if input[start + 3] & 7 == 0 {
            content = content.prefix(place)
        } else {
            content[content.startIndex + place] ^= input[start + 4]
        }
        try content.write(to: file)
    }
}

/// Opens the log and checks what it says.
func check(_ folder: URL) async {
    let log = LogTransport(directory: folder.path, logger: quiet)
    do {
        try await log.start()
        try await read(log)
    } catch {
        precondition(error is FaustError, "an error that is no FaustError: \(error)")
    }
    await log.stop()
}

func read(_ log: LogTransport) async throws {
    let consumer = try log.makeConsumer(ConsumerConfiguration(group: nil, logger: quiet))
    let queue = consumer.makeQueue()
    for partition in 0..<partitions {
        let id = TopicPartition(topic, partition)
        guard let range = try await log.offsets(of: [id])[id] else { continue }
        precondition(range.upperBound <= messageCount, "an end that was never reached")
        consumer.read(id, from: range.lowerBound, into: queue, epoch: 1)
        var next = range.lowerBound
        while next < range.upperBound {
            let batches = queue.poll(limit: 1_000, timeout: .milliseconds(200))
            if batches.isEmpty { break }
            for batch in batches {
                for index in 0..<batch.count {
                    let message = batch[index]
                    precondition(message.offset >= next, "messages out of order")
                    precondition(message.value == value(partition, message.offset), "a message that was never written")
                    next = message.offset + 1
                }
                next = max(next, batch.nextOffset)
            }
        }
        consumer.stopReading(id)
    }
    await consumer.close()
}

wait {
    do { try await writeTemplate() } catch { preconditionFailure("the template can't be written: \(error)") }
}
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
let status = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
    let copy = root.appending(path: "copy")
    try? FileManager.default.removeItem(at: copy)
    do {
        try FileManager.default.copyItem(at: template, to: copy)
        try damage(copy, UnsafeBufferPointer(start: data, count: size))
    } catch {
        preconditionFailure("the files can't be damaged: \(error)")
    }
    wait { await check(copy) }
    return 0
}
try? FileManager.default.removeItem(at: root)
exit(status)
