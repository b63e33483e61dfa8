// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog
import NIOCore
import Testing

/// A frame in the direction it is sent in, as it goes over the wire.
struct WireSample: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: Bytes
    /// Reads the frame and writes it again.
    let rewrite: @Sendable (Bytes) throws -> Bytes

    init(_ frame: ClientFrame) {
        testDescription = "\(frame)".prefix(60).description
        bytes = Self.withoutLength(frame.encoded())
        rewrite = { Self.withoutLength(try ClientFrame(decoding: $0).encoded()) }
    }

    init(_ frame: ServerFrame) {
        testDescription = "\(frame)".prefix(60).description
        bytes = Self.withoutLength(frame.encoded())
        rewrite = { Self.withoutLength(try ServerFrame(decoding: $0).encoded()) }
    }

    private static func withoutLength(_ buffer: ByteBuffer) -> Bytes {
        Bytes(buffer.readableBytesView.dropFirst(4))
    }

    static let all: [WireSample] = requests + commands + otherClientFrames + serverFrames

    private static let partition = TopicPartition("orders", 3)
    private static let error = FaustError(
        .fenced,
        "a message with \u{fc}ml\u{e4}uts",
        cause: FaustError(.storage, "inner"),
        topicPartition: partition,
        offset: -5,
        isRetriable: true,
        isFatal: true
    )

    private static let requests: [WireSample] = [
        .createTopics([
            TopicDeclaration(name: "a", partitions: 3, replicas: 2, configuration: ["k": "v"]),
            TopicDeclaration(name: "", partitions: -1),
        ]),
        .deleteTopics(["a", "b"]), .topics(nil), .topics([]), .topics(["x"]), .offsets([partition]),
        .offsetsFrom([partition, partition], timestampMilliseconds: .max),
        .committedOffsets(group: "g", [partition]), .subscribe(consumer: 1, [CopartitionedSet(["a", "b"])]),
        .commit(consumer: 2, [partition: 9]), .closeConsumer(3), .flush(producer: 4), .beginTransaction(producer: 5),
        .commitTransaction(producer: 6, [partition: 1], consumer: 7),
        .commitTransaction(producer: 6, [:], consumer: nil), .abortTransaction(producer: 8), .closeProducer(9),
        .groupMembers("g"),
    ]
    .map { WireSample(.request(id: 77, $0)) }

    private static let commands: [WireSample] = [
        .openConsumer(1, .init(group: "g", clientID: "c", offsetReset: .latest, readCommitted: false)),
        .openConsumer(2, .init(group: nil, clientID: "", offsetReset: .none, readCommitted: true)),
        .openProducer(3, clientID: "c", transactionalID: nil), .openProducer(4, clientID: "c", transactionalID: "t"),
        .openQueue(5, consumer: 1), .read(consumer: 1, partition, position: nil, queue: 5, epoch: .max),
        .read(consumer: 1, partition, position: 12, queue: 5, epoch: 1), .stopReading(consumer: 1, partition),
        .seek(consumer: 1, partition, position: -1, epoch: 2), .pause(consumer: 1, [partition]),
        .resume(consumer: 1, []), .credit(queue: 5, byteCount: .max),
    ]
    .map { WireSample(.command($0)) }

    private static let otherClientFrames: [WireSample] = [
        WireSample(.hello(version: 1)), WireSample(.listenerReturned(call: .max)),
        WireSample(
            .produce(
                producer: 1,
                id: 2,
                [
                    OutgoingMessage(to: partition, key: nil, value: nil),
                    OutgoingMessage(to: TopicPartition("b", 0), key: .empty, value: "value", timestampMilliseconds: 5),
                    OutgoingMessage(
                        to: partition,
                        key: "key",
                        value: .empty,
                        headers: Headers([.init("a", nil), .init("a", "x"), .init("", .empty)])
                    ),
                ]
            )
        ),
    ]

    private static let serverFrames: [WireSample] = [
        .hello(version: 1, description: "memory://"), .reply(id: 1, .success(.done)),
        .reply(id: 2, .success(.topics([TopicMetadata(name: "a", partitions: 2, configuration: ["k": "v"])]))),
        .reply(id: 3, .success(.ranges([partition: 3..<3]))), .reply(id: 4, .success(.offsets([partition: .min]))),
        .reply(id: 5, .success(.commit(CommitResult(committed: [partition: 4], failures: [partition: error])))),
        .reply(id: 6, .failure(error)),
        .reply(
            id: 7,
            .success(.members([GroupMemberDescription(memberID: "1", clientID: "c", assignment: [partition])]))
        ),
        .produced(id: 7, [.appended(offset: 4, timestampMilliseconds: 5), .failed(error)]),
        .batch(queue: 8, batch), .listenerCall(call: 1, consumer: 2, .assigned([partition])),
        .listenerCall(call: 1, consumer: 2, .revoked([])), .listenerCall(call: 1, consumer: 2, .lost([partition])),
        .listenerCall(call: 1, consumer: 2, .failed(error)), .goodbye(error),
    ]
    .map { WireSample($0) }

    static let batch: MessageBatch = {
        var headers: [UInt8] = []
        HeaderLayout.encode(["trace": "1", "null": nil], into: &headers)
        // Contents with other bytes around and between them, as a page of a log may hold them.
        let contents = Array("..key..value..".utf8) + headers + Array("..".utf8)
        return MessageBatch(
            topicPartition: partition,
            epoch: 4,
            nextOffset: 20,
            storage: ByteStorage(count: contents.count) { $0.initialize(from: contents).1 },
            entries: [
                .init(offset: 10, timestamp: 1, keyStart: 2, keyCount: 3, valueStart: 7, valueCount: 5),
                .init(offset: 12, timestamp: 2, keyStart: 0, keyCount: -1, valueStart: 0, valueCount: -1),
                .init(
                    offset: 15,
                    timestamp: -3,
                    keyStart: 0,
                    keyCount: 0,
                    valueStart: 7,
                    valueCount: 0,
                    headersStart: 14,
                    headersCount: Int32(headers.count)
                ),
            ]
        )
    }()
}

@Suite(.timeLimit(.minutes(5)))
struct WireTests {
    @Test("a frame is read as it was written", arguments: WireSample.all)
    func readsBack(_ sample: WireSample) throws {
        #expect(try sample.rewrite(sample.bytes) == sample.bytes)
    }

    @Test("a batch arrives with its messages")
    func readsBatch() throws {
        let buffer = try #require(ServerFrame.encode(WireSample.batch, queue: 8).first)
        guard case .batch(8, let batch) = try ServerFrame(decoding: Bytes(buffer.readableBytesView.dropFirst(4))) else {
            Issue.record("the frame is no batch for queue 8")
            return
        }
        #expect(batch.topicPartition == TopicPartition("orders", 3))
        #expect(batch.epoch == 4)
        #expect(batch.nextOffset == 20)
        #expect(batch.entries.map(\.offset) == [10, 12, 15])
        #expect(batch.entries.map(\.timestamp) == [1, 2, -3])
        #expect((0..<3).map { batch[$0].key } == ["key", nil, .empty])
        #expect((0..<3).map { batch[$0].value } == ["value", nil, .empty])
        #expect(batch[2].headers == ["trace": "1", "null": nil])
    }

    @Test("a large batch is cut into frames that join without a gap")
    func cutsBatches() throws {
        let size = 300_000
        let storage = ByteStorage(count: size) { memory in
            memory.initialize(repeating: 1)
            return size
        }
        let entries = (0..<10)
            .map { index in
                MessageBatch.Entry(
                    offset: Int64(index * 2),
                    timestamp: 0,
                    keyStart: 0,
                    keyCount: -1,
                    valueStart: 0,
                    valueCount: Int32(size)
                )
            }
        let batch = MessageBatch(
            topicPartition: TopicPartition("t", 0),
            epoch: 1,
            nextOffset: 30,
            storage: storage,
            entries: ContiguousArray(entries)
        )
        var next: Int64 = 0
        var offsets: [Int64] = []
        let frames = ServerFrame.encode(batch, queue: 1)
        #expect(frames.count == 4)
        for frame in frames {
            guard case .batch(_, let part) = try ServerFrame(decoding: Bytes(frame.readableBytesView.dropFirst(4)))
            else { continue }
            #expect(part.entries.allSatisfy { $0.offset >= next && $0.offset < part.nextOffset })
            next = part.nextOffset
            offsets += part.entries.map(\.offset)
        }
        #expect(next == 30)
        #expect(offsets == entries.map(\.offset))
    }

    @Test("a frame that is cut off or too long is refused", arguments: WireSample.all)
    func refusesOtherLengths(_ sample: WireSample) throws {
        // A hello may be followed by what a later version adds.
        let isHello = sample.testDescription.hasPrefix("hello")
        for count in 0..<sample.bytes.count {
            #expect(throws: WireFault.self) { try sample.rewrite(Bytes(copying: sample.bytes[0..<count])) }
        }
        if !isHello {
            #expect(throws: WireFault.self) { try sample.rewrite(Bytes(Array(sample.bytes) + [0])) }
        }
    }

    @Test("damaged frames are read or refused, but never trap", arguments: WireSample.all)
    func survivesDamage(_ sample: WireSample) throws {
        var random = SplitMix(seed: 0x5EED)
        var refused = 0
        for _ in 0..<2_000 {
            let damaged = Self.damage(Array(sample.bytes), &random)
            do {
                // What can be read can be written, too, and the messages of batches can be looked at.
                if case .batch(_, let batch) = try? ServerFrame(decoding: Bytes(damaged)) { Self.touch(batch) }
                _ = try sample.rewrite(Bytes(damaged))
            } catch is WireFault {
                refused += 1
            }
        }
        #expect(refused > 0)
    }

    private static func damage(_ bytes: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let position = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[position] = UInt8.random(in: .min ... .max, using: &random)
            case 2: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: position)
            case 3 where bytes.count > 1: bytes.remove(at: position)
            case 4:
                // The greatest and least lengths.
                let extreme: [UInt8] = Bool.random(using: &random) ? [255, 255, 255, 127] : [255, 255, 255, 255]
                for (index, byte) in extreme.enumerated() where position + index < bytes.count {
                    bytes[position + index] = byte
                }
            default: bytes = Array(bytes[...position])
            }
        }
        return bytes
    }

    private static func touch(_ batch: MessageBatch) {
        for index in 0..<batch.count {
            _ = batch[index].key?.reduce(0, ^)
            _ = batch[index].value?.reduce(0, ^)
            _ = batch[index].headers
        }
    }

    @Test("frames are cut out of the stream wherever it is split")
    func decodesStream() throws {
        let samples = WireSample.all.map(\.bytes)
        var stream = ByteBuffer()
        for sample in samples {
            stream.writeInteger(UInt32(sample.count), endianness: .little)
            stream.writeBytes(sample)
        }
        for step in [1, 3, 7, 1_000] {
            var (buffer, rest) = (ByteBuffer(), stream)
            var frames: [Bytes] = []
            while let part = rest.readSlice(length: min(step, rest.readableBytes)), part.readableBytes > 0 {
                buffer.writeImmutableBuffer(part)
                while let frame = try FrameDecoder.nextFrame(in: &buffer, maximumByteCount: 10_000) {
                    frames.append(frame)
                }
            }
            #expect(frames == samples)
        }
    }

    @Test("a frame that is too long is refused when it is announced", arguments: [0, 101, UInt32.max])
    func boundsFrames(_ length: UInt32) {
        var buffer = ByteBuffer()
        buffer.writeInteger(length, endianness: .little)
        #expect(throws: WireFault.self) { try FrameDecoder.nextFrame(in: &buffer, maximumByteCount: 100) }
    }
}
