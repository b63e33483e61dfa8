// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import Synchronization

/// Shows clients of a broker fewer partitions of each topic than there are, for a while.
///
/// The test broker can't give a topic more partitions. To clients it is the same when what the broker says of its topics
/// changes on the way.
final class HiddenPartitions: Sendable {
    private let limit = Mutex<Int32?>(nil)

    /// Hides the partitions with numbers from `limit` on.
    func hide(from limit: Int32) { self.limit.withLock { $0 = limit } }

    /// Shows them all again.
    func show() { limit.withLock { $0 = nil } }

    /// What changes the bytes of one connection.
    func connection() -> Connection { Connection { [weak self] in self?.limit.withLock { $0 } } }

    /// Both directions of a connection; each is used by a thread of its own.
    final class Connection: Sendable {
        private struct Call {
            let api: Int16
            let version: Int16
        }

        private let limit: @Sendable () -> Int32?
        private let requests = Mutex(Frames())
        private let responses = Mutex(Frames())
        private let calls = Mutex<[Int32: Call]>([:])
        /// The API of KIP-4 that tells of topics, and its versions that are understood here, those of KIP-482 on.
        private static let metadata: Int16 = 3
        private static let versions: ClosedRange<Int16> = 9...12

        init(limit: @escaping @Sendable () -> Int32?) {
            self.limit = limit
        }

        /// Notes what the client asks, and passes it on.
        func requested(_ bytes: some Collection<UInt8>) -> [UInt8] {
            let frames = requests.withLock { $0.add(bytes) }
            for frame in frames {
                var reader = KafkaReader(frame)
                let call = Call(api: reader.int16(), version: reader.int16())
                calls.withLock { [id = reader.int32()] in $0[id] = call }
            }
            return frames.flatMap(Frames.framed)
        }

        /// Passes an answer on, without the partitions that are hidden.
        func answered(_ bytes: some Collection<UInt8>) -> [UInt8] {
            responses.withLock { $0.add(bytes) }
                .flatMap { frame in
                    var reader = KafkaReader(frame)
                    let call = calls.withLock { [id = reader.int32()] in $0.removeValue(forKey: id) }
                    guard let call, call.api == Self.metadata, let limit = limit() else { return Frames.framed(frame) }
                    precondition(Self.versions.contains(call.version), "Metadata \(call.version) is not known here")
                    return Frames.framed(MetadataAnswer.withoutPartitions(from: limit, frame, version: call.version))
                }
        }
    }
}

/// Cuts the bytes of a connection into messages: each has its length in front.
private struct Frames {
    private var rest: [UInt8] = []

    mutating func add(_ bytes: some Collection<UInt8>) -> [[UInt8]] {
        rest += bytes
        var frames: [[UInt8]] = []
        var start = 0
        while rest.count - start >= 4 {
            let count = Int(rest[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
            guard rest.count - start - 4 >= count else { break }
            frames.append(Array(rest[start + 4..<start + 4 + count]))
            start += 4 + count
        }
        rest.removeFirst(start)
        return frames
    }

    static func framed(_ frame: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: UInt32(frame.count).bigEndian) { Array($0) } + frame
    }
}

/// An answer to a request for metadata.
private enum MetadataAnswer {
    /// Copies an answer but for partitions with numbers from `limit` on.
    static func withoutPartitions(from limit: Int32, _ frame: [UInt8], version: Int16) -> [UInt8] {
        var reader = KafkaReader(frame)
        var output: [UInt8] = []
        /// Copies what was read since the last time.
        var copied = 0
        func copy(_ reader: KafkaReader) {
            output += frame[copied..<reader.position]
            copied = reader.position
        }
        _ = reader.int32()
        reader.skipTags()
        reader.skip(4)
        for _ in 0..<reader.count() {
            reader.skip(4)
            reader.skipBytes()
            reader.skip(4)
            reader.skipBytes()
            reader.skipTags()
        }
        reader.skipBytes()
        reader.skip(4)
        for _ in 0..<reader.count() {
            reader.skip(2)
            reader.skipBytes()
            reader.skip(version >= 10 ? 17 : 1)
            copy(reader)
            let partitions = (0..<reader.count()).map { _ in partition(&reader, frame) }
            copied = reader.position
            let shown = partitions.filter { $0.number < limit }
            output += KafkaReader.encoded(UInt64(shown.count + 1)) + shown.flatMap(\.bytes)
            reader.skip(4)
            reader.skipTags()
            copy(reader)
        }
        return output + frame[copied...]
    }

    private static func partition(_ reader: inout KafkaReader, _ frame: [UInt8]) -> (number: Int32, bytes: [UInt8]) {
        let start = reader.position
        reader.skip(2)
        let number = reader.int32()
        reader.skip(8)
        for _ in 0..<3 { reader.skip(4 * reader.count()) }
        reader.skipTags()
        return (number, Array(frame[start..<reader.position]))
    }
}

/// Reads the types of Kafka's protocol, the compact ones of KIP-482.
private struct KafkaReader {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func int16() -> Int16 { Int16(truncatingIfNeeded: integer(2)) }
    mutating func int32() -> Int32 { Int32(truncatingIfNeeded: integer(4)) }
    mutating func skip(_ count: Int) { position += count }

    /// The number of elements of an array, or of bytes of a string; one more is written, and 0 for null.
    mutating func count() -> Int { max(Int(truncatingIfNeeded: varint()) - 1, 0) }
    mutating func skipBytes() { skip(count()) }

    mutating func skipTags() {
        for _ in 0..<varint() {
            _ = varint()
            skip(Int(truncatingIfNeeded: varint()))
        }
    }

    private mutating func integer(_ size: Int) -> UInt64 {
        defer { position += size }
        return bytes[position..<position + size].reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func varint() -> UInt64 {
        var (value, shift): (UInt64, UInt64) = (0, 0)
        while true {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            guard byte & 0x80 != 0 else { return value }
            shift += 7
        }
    }

    static func encoded(_ value: UInt64) -> [UInt8] {
        var (rest, output): (UInt64, [UInt8]) = (value, [])
        while rest >= 0x80 {
            output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return output + [UInt8(rest)]
    }
}
#endif
