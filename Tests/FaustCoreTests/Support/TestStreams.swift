// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Synchronization

@testable import FaustCore

/// The partition that most tests use.
let zero = TopicPartition("orders", 0)
let one = TopicPartition("orders", 1)

extension MessageBatch {
    /// A batch whose values are the offsets in decimal.
    static func test(
        _ partition: TopicPartition = zero,
        _ offsets: some Sequence<Int64>,
        epoch: UInt64 = 1,
        next: Int64? = nil,
        headers: Headers = Headers(),
        key: (Int64) -> String? = { _ in nil }
    ) -> MessageBatch {
        var bytes: [UInt8] = []
        var entries = ContiguousArray<Entry>()
        func append(_ text: String?) -> (start: Int32, count: Int32) {
            guard let text else { return (0, -1) }
            defer { bytes += Array(text.utf8) }
            return (Int32(bytes.count), Int32(text.utf8.count))
        }
        for offset in offsets {
            let (key, value) = (append(key(offset)), append("\(offset)"))
            let headersStart = Int32(bytes.count)
            HeaderLayout.encode(headers, into: &bytes)
            entries.append(
                Entry(
                    offset: offset,
                    timestamp: 1_000 + offset,
                    keyStart: key.start,
                    keyCount: key.count,
                    valueStart: value.start,
                    valueCount: value.count,
                    headersStart: headersStart,
                    headersCount: Int32(bytes.count) - headersStart
                )
            )
        }
        return MessageBatch(
            topicPartition: partition,
            epoch: epoch,
            nextOffset: next ?? (entries.last.map { $0.offset + 1 } ?? 0),
            storage: Bytes(bytes).storage,
            entries: entries
        )
    }
}

extension StreamBuffer {
    /// A buffer that follows partitions under epoch 1.
    static func test(_ partitions: TopicPartition..., maxsize: Int = 4_096) -> StreamBuffer {
        let buffer = StreamBuffer(name: "test", maxsize: maxsize)
        for partition in partitions { buffer.attach(partition, epoch: 1) }
        return buffer
    }

    func append(_ offsets: some Sequence<Int64>, _ partition: TopicPartition = zero, epoch: UInt64 = 1) {
        append(Run(.test(partition, offsets, epoch: epoch)))
    }

    /// The offsets in hand.
    var offsetsInHand: [Int64] { inHand().map(\.offset) }
}

extension StreamContext {
    /// A context by a test's clock.
    static func test(
        _ clock: TestClock = TestClock(),
        undecodable: @escaping @Sendable (Message, FaustError) async throws -> Void = { throw $1 },
        producer: @escaping @Sendable () throws -> Producer = { throw FaustError(.lifecycle, "no producer") }
    ) -> StreamContext {
        StreamContext(
            undecodable: undecodable,
            countEvents: { _ in },
            producer: producer,
            ebb: {},
            sleep: { try await clock.sleep(for: $0) },
            elapsed: { clock.now.offset }
        )
    }
}

extension StreamSource {
    /// The stream of numbers that the values of test batches are.
    func numbers() -> EventStream<String?, Int64> {
        EventStream(
            source: self,
            key: { $0.key.map { String($0) } },
            pipeline: .sync { message in
                guard let value = message.value, let number = Int64(String(value)) else {
                    throw DecodeFailure(FaustError(.decode, "no number"))
                }
                return number
            }
        )
    }
}

extension StreamCursor {
    /// The next message without waiting; `nil` when there is none now.
    mutating func takeNow() -> Message? {
        while true {
            if let message = take() { return message }
            guard case .run = poll() else { return nil }
        }
    }
}

extension AgentRunner {
    /// A runner of one body over a buffer, whose pauses take no time.
    static func test(
        buffer: StreamBuffer,
        policy: ErrorPolicy = .stop,
        producer: Producer = .test(FakeProducer()),
        body: @escaping @Sendable (EventStream<String?, Int64>) async throws -> Void
    ) -> AgentRunner {
        var context = StreamContext.test(producer: { producer })
        context.sleep = { _ in }
        return AgentRunner(
            app: "app",
            agent: AgentDeclaration(
                name: "agent",
                help: "",
                input: .topics(TopicSelection(names: ["orders"])),
                inputName: "orders",
                options: AgentOptions(onError: policy),
                body: { try await body($0.numbers()) }
            ),
            buffer: buffer,
            context: context,
            producer: producer,
            monitor: Monitor(),
            logger: .silent,
            clock: AppClock(TestClock()),
            budget: RestartBudget(maxRestarts: 3, window: .seconds(60), delay: .seconds(1), maxDelay: .seconds(30))
        )
    }
}

/// Collects values from any thread.
final class Collected<Value: Sendable>: Sendable {
    private let content = Mutex<[Value]>([])

    var values: [Value] { content.withLock { $0 } }

    func add(_ value: Value) {
        content.withLock { $0.append(value) }
    }
}

/// Something that happens once.
final class Flag: Sendable {
    private let content = Mutex(false)

    var isSet: Bool { content.withLock { $0 } }

    func set() {
        content.withLock { $0 = true }
    }
}

/// A number that threads share.
final class Counter: Sendable {
    private let content = Mutex(0)

    /// Adds to the number and returns it.
    @discardableResult
    func add(_ number: Int) -> Int {
        content.withLock { content in
            content += number
            return content
        }
    }
}
