// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Chooses the partition that a message goes to.
///
/// The default, ``murmur2``, sends a key to the same partition as Kafka's Java client and Faust do, so that programs
/// in other languages can share topics with this one. Replace it for the whole app with the setting
/// ``Settings/producerPartitioner``; a message that names its partition when it is sent never gets here.
///
/// The choice must depend on the key's bytes, the topic and the number of partitions alone: tables and joins rely on
/// equal keys meeting in one partition. The closure may be called from any thread.
public struct Partitioner: Sendable {
    /// Chooses a partition.
    ///
    /// Takes the encoded key (`nil` is null), the name of the topic and the number of its partitions. Returns a
    /// partition in `0..<partitions`, or `nil` to leave the choice to the producer, which spreads such messages evenly.
    public typealias Choice = @Sendable (_ key: Bytes?, _ topic: String, _ partitions: Int32) -> Int32?

    private let choose: Choice

    /// A partitioner of one's own.
    public init(_ choose: @escaping Choice) {
        self.choose = choose
    }

    /// The partition that a message goes to.
    ///
    /// - Parameters:
    ///   - key: The encoded key; `nil` is null.
    ///   - topic: The name of the topic.
    ///   - partitions: The number of the topic's partitions, 1 or more.
    /// - Returns: The partition, or `nil` when any will do.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/unknownPartition`` when the closure names a partition that
    ///   the topic does not have.
    public func partition(forKey key: Bytes?, topic: String, partitions: Int32) throws -> Int32? {
        guard let partition = choose(key, topic, partitions) else { return nil }
        guard partition >= 0, partition < partitions else {
            throw FaustError(
                .unknownPartition,
                "the partitioner chose partition \(partition) of topic \(topic), which has \(partitions):"
                    + " return a number from 0 to \(partitions - 1), or nil"
            )
        }
        return partition
    }

    /// What Kafka's Java client does: the positive murmur2 hash of the key's bytes modulo the number of partitions; any
    /// partition for a null key.
    ///
    /// An empty key is a key.
    public static let murmur2 = Partitioner { key, _, partitions in
        guard let key, partitions > 0 else { return nil }
        return (hash(key) & Int32.max) % partitions
    }

    /// The 32-bit murmur2 hash with the seed that Kafka's clients share (0x9747b28c).
    ///
    /// - Parameter bytes: The bytes to hash.
    /// - Returns: The hash as a signed number, as the Java client has it.
    public static func hash(_ bytes: Bytes) -> Int32 {
        bytes.withUnsafeBytes { Int32(bitPattern: murmur2Hash($0)) }
    }
}

/// Austin Appleby's MurmurHash2, which is in the public domain; all arithmetic is modulo 2^32.
private func murmur2Hash(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    let multiplier: UInt32 = 0x5bd1_e995
    var hash: UInt32 = 0x9747_b28c ^ UInt32(truncatingIfNeeded: bytes.count)
    let tail = bytes.count & ~3
    for start in stride(from: 0, to: tail, by: 4) {
        var block = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)) &* multiplier
        block ^= block >> 24
        hash = (hash &* multiplier) ^ (block &* multiplier)
    }
    if tail < bytes.count {
        for index in tail..<bytes.count { hash ^= UInt32(bytes[index]) << UInt32(8 * (index - tail)) }
        hash = hash &* multiplier
    }
    hash ^= hash >> 13
    hash = hash &* multiplier
    return hash ^ (hash >> 15)
}
