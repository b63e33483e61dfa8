// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Testing

// The layout of batches is internal, and damage of every kind can't be made through the transport.
@testable import FaustLog

@Suite("Stored batches")
struct BatchDecoderTests {
    private static let partition = PartitionID(topic: 3, partition: 5)

    private static func bytes(_ batch: StoredBatch) -> [UInt8] { batch.withBytes { Array($0) } }

    private static func decode(
        _ bytes: [UInt8],
        from minimum: Int64 = 0
    ) throws(BatchDamage) -> (BatchHeader, ContiguousArray<MessageBatch.Entry>) {
        var entries: ContiguousArray<MessageBatch.Entry> = []
        let result: Result<BatchHeader, BatchDamage> = bytes.withUnsafeBytes { bytes in
            do throws(BatchDamage) {
                let seed = partition.checksumSeed
                return .success(try BatchDecoder.decode(bytes, seed: seed, from: minimum, into: &entries))
            } catch {
                return .failure(error)
            }
        }
        return (try result.get(), entries)
    }

    /// Messages with lengths around the limits of the encoding.
    private static func randomMessages(_ random: inout SplitMix, count: Int) -> [OutgoingMessage] {
        let lengths = [0, 1, 126, 127, 128, 129, 16_383, 16_384]
        let some: (inout SplitMix) -> Bytes? = { random in
            if random.next(below: 5) == 0 { return nil }
            let length = random.next(below: 3) > 0 ? random.next(below: 40) : lengths[random.next(below: lengths.count)]
            return Bytes((0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        }
        return (0..<count)
            .map { _ in
                var headers = Headers()
                for number in 0..<random.next(below: 3) { headers.append("h\(number)", some(&random)) }
                let times: [Int64] = [0, 1, -1, .max, .min, 1_700_000_000_000]
                return OutgoingMessage(
                    to: TopicPartition("t", 0),
                    key: some(&random),
                    value: some(&random),
                    timestampMilliseconds: times[random.next(below: times.count)],
                    headers: headers
                )
            }
    }

    private static func build(_ messages: [OutgoingMessage], base: Int64) -> StoredBatch {
        let builder = BatchBuilder()
        for message in messages { builder.append(message, timestamp: message.timestampMilliseconds ?? 0) }
        return builder.seal(baseOffset: base, partition: partition)
    }

    @Test("what is built is decoded", arguments: 0..<50)
    func roundTrip(seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        let messages = Self.randomMessages(&random, count: 1 + random.next(below: 20))
        let stored = Self.build(messages, base: 1000)
        let (header, entries) = try Self.decode(Self.bytes(stored))
        #expect(header.baseOffset == 1000)
        #expect(header.nextOffset == 1000 + Int64(messages.count))
        #expect(header.maxTimestamp == messages.compactMap(\.timestampMilliseconds).max())
        let batch = MessageBatch(
            topicPartition: TopicPartition("t", 0),
            epoch: 0,
            nextOffset: header.nextOffset,
            storage: stored.storage,
            entries: entries
        )
        #expect(batch.count == messages.count)
        for (index, message) in messages.enumerated() {
            #expect(batch[index].offset == 1000 + Int64(index))
            #expect(batch[index].key == message.key)
            #expect(batch[index].value == message.value)
            #expect(batch[index].headers == message.headers)
            #expect(batch[index].timestampMilliseconds == message.timestampMilliseconds)
        }
    }

    @Test("offsets with holes are kept, and those below the one wanted are left out")
    func holes() throws {
        let builder = BatchBuilder()
        for delta in [0, 5, 300] as [Int64] {
            builder.append(key: "k", value: nil, headers: Headers(), timestamp: delta, delta: delta)
        }
        let stored = builder.seal(baseOffset: 10, nextOffset: 500, partition: Self.partition)
        #expect(try Self.decode(Self.bytes(stored)).1.map(\.offset) == [10, 15, 310])
        #expect(try Self.decode(Self.bytes(stored), from: 11).1.map(\.offset) == [15, 310])
        #expect(try Self.decode(Self.bytes(stored), from: 311).1.isEmpty)
    }

    @Test("each flipped bit is noticed")
    func flippedBits() {
        var random = SplitMix(seed: 1)
        let bytes = Self.bytes(Self.build(Self.randomMessages(&random, count: 3), base: 7))
        for position in bytes.indices {
            var damaged = bytes
            damaged[position] ^= 1 << UInt8(random.next(below: 8))
            #expect(throws: BatchDamage.self) { try Self.decode(damaged) }
        }
    }

    @Test("each cut is noticed")
    func cuts() {
        var random = SplitMix(seed: 2)
        let bytes = Self.bytes(Self.build(Self.randomMessages(&random, count: 3), base: 7))
        for count in 0..<bytes.count {
            #expect(throws: BatchDamage.self) { try Self.decode(Array(bytes.prefix(count))) }
        }
    }

    @Test("a batch in the wrong partition is noticed")
    func wrongPartition() {
        let builder = BatchBuilder()
        builder.append(.text("v", to: TopicPartition("t", 0)), timestamp: 0)
        let stored = builder.seal(baseOffset: 0, partition: PartitionID(topic: 3, partition: 6))
        #expect(throws: BatchDamage.self) { try Self.decode(Self.bytes(stored)) }
    }

    @Test("a batch of a newer layout is refused with a message that says so")
    func newerLayout() {
        let builder = BatchBuilder()
        builder.append(.text("v", to: TopicPartition("t", 0)), timestamp: 0)
        var bytes = Self.bytes(builder.seal(baseOffset: 0, partition: Self.partition))
        bytes[11] = 2
        let error = #expect(throws: BatchDamage.self) { try Self.decode(bytes) }
        #expect(error?.description.contains("layout 2") ?? false)
    }

    @Test("damage whose checksum is right never traps and never reaches outside", arguments: 0..<8)
    func fuzz(seed: Int) {
        var random = SplitMix(seed: UInt64(seed) + 100)
        for _ in 0..<1000 {
            var bytes = Self.bytes(Self.build(Self.randomMessages(&random, count: 1 + random.next(below: 4)), base: 0))
            if random.next(below: 3) == 0 { bytes.removeLast(random.next(below: max(bytes.count - 60, 1))) }
            for _ in 0...random.next(below: 6) {
                let position = 8 + random.next(below: bytes.count - 8)
                let values: [UInt8] = [0, 0x7F, 0x80, 0xFF, UInt8(truncatingIfNeeded: random.next())]
                bytes[position] = values[random.next(below: values.count)]
            }
            let checksum = bytes[8...].withUnsafeBytes { XXHash64.hash($0, seed: Self.partition.checksumSeed) }
            withUnsafeBytes(of: checksum.littleEndian) { bytes.replaceSubrange(0..<8, with: $0) }
            guard let (header, entries) = try? Self.decode(bytes) else { continue }
            let isInside = entries.allSatisfy { entry in
                let ranges = [
                    (entry.keyStart, max(entry.keyCount, 0)), (entry.valueStart, max(entry.valueCount, 0)),
                    (entry.headersStart, entry.headersCount),
                ]
                return entry.keyCount >= -1 && entry.valueCount >= -1 && entry.headersCount >= 0
                    && entry.offset >= header.baseOffset && entry.offset < header.nextOffset
                    && ranges.allSatisfy { Int($0.0) >= 56 && Int($0.0) + Int($0.1) <= bytes.count }
            }
            #expect(isInside)
            #expect(zip(entries, entries.dropFirst()).allSatisfy { $0.offset < $1.offset })
        }
    }
}

@Suite("XXH64")
struct XXHash64Tests {
    @Test(
        "the hash is that of the reference implementation",
        arguments: [
            ("", 0, 0xEF46_DB37_51D8_E999), ("a", 0, 0xD24E_C4F1_A98C_6E5B), ("abc", 0, 0x44BC_2CF5_AD77_0999),
            ("Nobody inspects the spammish repetition", 0, 0xFBCE_A83C_8A37_8BF1),
            ("xxhash", 20_141_025, 0xB559_B98D_844E_0635),
        ] as [(String, UInt64, UInt64)]
    )
    func vectors(text: String, seed: UInt64, hash: UInt64) {
        #expect(Array(text.utf8).withUnsafeBytes { XXHash64.hash($0, seed: seed) } == hash)
    }
}
