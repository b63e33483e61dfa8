// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// The keys and small values of the log in an ordered key-value database.
///
/// Numbers in keys are big-endian, so that the order of the keys is that of the numbers. The first byte tells what the
/// rest is:
///
/// | first byte | rest of the key | value |
/// | --- | --- | --- |
/// | 0 | – | the version of the layout, a `UInt32` |
/// | 1 | – | the number of the next topic, a `UInt32` |
/// | 2 | topic | partitions, name, configuration |
/// | 3 | topic, partition | the bounds, five `Int64` |
/// | 4 | length of the group's name (2 bytes), name, topic, partition | the committed offset, an `Int64` |
/// | 16 | topic, partition, base offset | offset after the batch, latest time, number of bytes: three `Int64` |
/// | 32 | topic, partition, base offset | the batch; see ``BatchHeader`` |
///
/// The entries of the index (16) are small and lie side by side, so that offsets, times and sizes are found without
/// reading batches, and the extent of a damaged batch is known.
enum KeyLayout {
    /// The version of the layout that is written.
    static let version: UInt32 = 1

    /// The first byte of a key.
    enum Kind: UInt8 {
        case version = 0
        case nextTopic = 1
        case topic = 2
        case state = 3
        case offset = 4
        case index = 16
        case batch = 32
    }

    /// The key of something there is one of.
    static func key(_ kind: Kind) -> [UInt8] { [kind.rawValue] }

    /// The key of something of a topic.
    static func key(_ kind: Kind, topic: UInt32) -> [UInt8] {
        var key = [kind.rawValue]
        key.appendBigEndian(topic)
        return key
    }

    /// The key of something of a partition.
    static func key(_ kind: Kind, _ partition: PartitionID) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(17)
        key.append(kind.rawValue)
        key.appendBigEndian(partition.topic)
        key.appendBigEndian(UInt32(bitPattern: partition.partition))
        return key
    }

    /// The key of a batch or its index entry.
    static func key(_ kind: Kind, _ partition: PartitionID, _ offset: Int64) -> [UInt8] {
        var key = key(kind, partition)
        key.appendBigEndian(UInt64(bitPattern: offset))
        return key
    }

    /// The first key behind all that start with `prefix`, whose last byte must not be 255 all through.
    static func end(of prefix: [UInt8]) -> [UInt8] {
        var end = prefix
        while let last = end.popLast() {
            if last < 0xFF {
                end.append(last + 1)
                break
            }
        }
        return end
    }

    /// The key of a committed offset.
    static func key(group: String, _ partition: PartitionID) -> [UInt8] {
        var key = [Kind.offset.rawValue]
        key.appendBigEndian(UInt16(clamping: group.utf8.count))
        key += Array(group.utf8.prefix(Int(UInt16.max)))
        key.appendBigEndian(partition.topic)
        key.appendBigEndian(UInt32(bitPattern: partition.partition))
        return key
    }

    /// The value that describes a topic.
    static func value(_ topic: TopicMetadata) -> [UInt8] {
        var value: [UInt8] = []
        value.appendBigEndian(UInt32(bitPattern: topic.partitions))
        value.appendText(topic.name)
        value.appendBigEndian(UInt32(topic.configuration.count))
        for (name, setting) in topic.configuration.sorted(by: { $0.key < $1.key }) {
            value.appendText(name)
            value.appendText(setting)
        }
        return value
    }

    /// The value of a partition's bounds.
    static func value(_ state: PartitionState) -> [UInt8] {
        value([state.start, state.end, state.byteCount, state.cleanedTo, state.dirtyByteCount])
    }

    /// The value of an index entry.
    static func value(_ info: BatchInfo) -> [UInt8] {
        value([info.nextOffset, info.maxTimestamp, info.byteCount])
    }

    /// The value of numbers in a row.
    static func value(_ numbers: [Int64]) -> [UInt8] {
        var value: [UInt8] = []
        value.reserveCapacity(numbers.count * 8)
        for number in numbers { value.appendBigEndian(UInt64(bitPattern: number)) }
        return value
    }
}

extension [UInt8] {
    /// Appends the bytes of a number, the highest first.
    mutating func appendBigEndian(_ number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }

    /// Appends the length of a text and its bytes.
    mutating func appendText(_ text: String) {
        appendBigEndian(UInt32(text.utf8.count))
        append(contentsOf: text.utf8)
    }
}

/// Reads the keys and small values of ``KeyLayout``; gives `nil` when the bytes end too early.
struct KeyReader {
    private let bytes: UnsafeRawBufferPointer
    private var position: Int

    /// A reader of a value, or of a key behind its first byte.
    init(_ bytes: UnsafeRawBufferPointer, from position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// The next number.
    mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number? {
        let size = Number.bitWidth / 8
        guard position <= bytes.count - size else { return nil }
        defer { position += size }
        return Number(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: Number.self))
    }

    /// The next text, whose length precedes it in a `UInt32`.
    mutating func text() -> String? {
        number(UInt32.self).flatMap { text(count: Int($0)) }
    }

    /// The next text.
    mutating func text(count: Int) -> String? {
        guard count >= 0, count <= bytes.count - position else { return nil }
        defer { position += count }
        return String(decoding: bytes[position..<position + count], as: UTF8.self)
    }

    /// The next topic and partition.
    mutating func partition() -> PartitionID? {
        guard let topic = number(UInt32.self), let partition = number(Int32.self) else { return nil }
        return PartitionID(topic: topic, partition: partition)
    }

    /// The next bounds.
    mutating func state() -> PartitionState? {
        var numbers: [Int64] = []
        for _ in 0..<5 {
            guard let next = number(Int64.self) else { return nil }
            numbers.append(next)
        }
        guard numbers[0] >= 0, numbers[1] >= numbers[0] else { return nil }
        return PartitionState(
            start: numbers[0],
            end: numbers[1],
            byteCount: max(0, numbers[2]),
            cleanedTo: numbers[3],
            dirtyByteCount: max(0, numbers[4])
        )
    }

    /// The next index entry, of a batch with this base offset.
    mutating func info(baseOffset: Int64) -> BatchInfo? {
        guard let next = number(Int64.self), let time = number(Int64.self), let byteCount = number(Int64.self),
            baseOffset >= 0, next > baseOffset, byteCount >= 0
        else { return nil }
        return BatchInfo(baseOffset: baseOffset, nextOffset: next, maxTimestamp: time, byteCount: byteCount)
    }

    /// The next description of a topic.
    mutating func topic() -> TopicMetadata? {
        guard let partitions = number(Int32.self), let name = text(), let count = number(UInt32.self),
            TopicDeclaration(name: name, partitions: partitions).fault == nil
        else { return nil }
        var configuration: [String: String] = [:]
        for _ in 0..<count {
            guard let name = text(), let setting = text() else { return nil }
            configuration[name] = setting
        }
        return TopicMetadata(name: name, partitions: partitions, configuration: configuration)
    }
}
