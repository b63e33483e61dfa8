// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Testing

@Suite struct PartitionerTests {
    /// The vectors of Kafka's own test of `Utils.murmur2`; the last was computed with an independent implementation.
    static let vectors: [(String, Int32)] = [
        ("21", -973_932_308),
        ("foobar", -790_332_482),
        ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ("abc", 479_470_107),
        ("", 275_646_681),
    ]

    @Test("hashes are those of Kafka's Java client", arguments: vectors)
    func hash(key: String, hash: Int32) {
        #expect(Partitioner.hash(Bytes(key)) == hash)
    }

    @Test("a slice hashes like a copy of it, at every alignment")
    func slices() {
        let bytes = Bytes("...foobar...")
        #expect(Partitioner.hash(bytes[3..<9]) == -790_332_482)
        for start in 0..<8 {
            let padded = Bytes(String(repeating: "x", count: start) + "a-little-bit-longer-string")
            #expect(Partitioner.hash(padded[start..<padded.count]) == -1_486_304_829)
        }
    }

    @Test("a negative hash loses its sign bit, not its sign")
    func positive() throws {
        // -973932308 & 0x7fffffff
        let masked: Int32 = 1_173_551_340
        for partitions: Int32 in [1, 3, 7, 8, 100] {
            let chosen = try Partitioner.murmur2.partition(forKey: "21", topic: "t", partitions: partitions)
            #expect(chosen == masked % partitions)
        }
    }

    @Test("a null key leaves the choice to the producer, an empty key does not")
    func nullKey() throws {
        #expect(try Partitioner.murmur2.partition(forKey: nil, topic: "t", partitions: 8) == nil)
        #expect(try Partitioner.murmur2.partition(forKey: .empty, topic: "t", partitions: 8) == 275_646_681 % 8)
    }

    @Test("a partitioner of one's own sees key, topic and number of partitions")
    func replaced() throws {
        let byLength = Partitioner { key, topic, partitions in
            topic == "lengths" ? Int32(key?.count ?? 0) % partitions : nil
        }
        #expect(try byLength.partition(forKey: "four", topic: "lengths", partitions: 3) == 1)
        #expect(try byLength.partition(forKey: "four", topic: "other", partitions: 3) == nil)
    }

    @Test("a partition that does not exist is refused", arguments: [-1, 4, Int32.min, Int32.max])
    func outOfRange(partition: Int32) throws {
        let wrong = Partitioner { _, _, _ in partition }
        let error = try #require(throws: FaustError.self) {
            _ = try wrong.partition(forKey: "k", topic: "orders", partitions: 4)
        }
        #expect(error.code == .unknownPartition)
        #expect(error.message.contains("orders") && error.message.contains("0 to 3"))
    }
}
