// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

// How the values of the transport contract are written. The numbers are the fewest bytes that one can take.

extension WireReader {
    static let partitionByteCount = 8

    mutating func partition() throws(WireFault) -> TopicPartition {
        let topic = try string()
        return TopicPartition(topic, try integer())
    }

    mutating func partitions() throws(WireFault) -> [TopicPartition] {
        try array(elementByteCount: Self.partitionByteCount) { reader throws(WireFault) in try reader.partition() }
    }

    mutating func offsets() throws(WireFault) -> [TopicPartition: Int64] {
        try dictionary(
            elementByteCount: Self.partitionByteCount + 8,
            key: { reader throws(WireFault) in try reader.partition() },
            value: { reader throws(WireFault) in try reader.integer() }
        )
    }

    mutating func ranges() throws(WireFault) -> [TopicPartition: Range<Int64>] {
        try dictionary(
            elementByteCount: Self.partitionByteCount + 16,
            key: { reader throws(WireFault) in try reader.partition() },
            value: { reader throws(WireFault) in
                let (lower, upper): (Int64, Int64) = (try reader.integer(), try reader.integer())
                guard lower <= upper else { throw WireFault("offsets run from \(lower) to \(upper)") }
                return lower..<upper
            }
        )
    }

    mutating func strings() throws(WireFault) -> [String] {
        try array(elementByteCount: 4) { reader throws(WireFault) in try reader.string() }
    }

    mutating func settings() throws(WireFault) -> [String: String] {
        try dictionary(
            elementByteCount: 8,
            key: { reader throws(WireFault) in try reader.string() },
            value: { reader throws(WireFault) in try reader.string() }
        )
    }

    mutating func declarations() throws(WireFault) -> [TopicDeclaration] {
        try array(elementByteCount: 14) { reader throws(WireFault) in
            TopicDeclaration(
                name: try reader.string(),
                partitions: try reader.integer(),
                replicas: try reader.integer(),
                configuration: try reader.settings()
            )
        }
    }

    mutating func topics() throws(WireFault) -> [TopicMetadata] {
        try array(elementByteCount: 12) { reader throws(WireFault) in
            TopicMetadata(
                name: try reader.string(),
                partitions: try reader.integer(),
                configuration: try reader.settings()
            )
        }
    }

    mutating func error() throws(WireFault) -> FaustError {
        let code = FaustError.Code.named(try string())
        let message = try string()
        let cause = try optional { reader throws(WireFault) in RemoteCause(description: try reader.string()) }
        let partition = try optional { reader throws(WireFault) in try reader.partition() }
        let offset = try optional { reader throws(WireFault) in try reader.integer(Int64.self) }
        return FaustError(
            code,
            message,
            cause: cause,
            topicPartition: partition,
            offset: offset,
            isRetriable: try boolean(),
            isFatal: try boolean()
        )
    }

    mutating func members() throws(WireFault) -> [GroupMemberDescription] {
        try array(elementByteCount: 12) { reader throws(WireFault) in
            GroupMemberDescription(
                memberID: try reader.string(),
                clientID: try reader.string(),
                assignment: try reader.partitions()
            )
        }
    }

    mutating func commitResult() throws(WireFault) -> CommitResult {
        let committed = try offsets()
        let failures = try dictionary(
            elementByteCount: Self.partitionByteCount + 13,
            key: { reader throws(WireFault) in try reader.partition() },
            value: { reader throws(WireFault) in try reader.error() }
        )
        return CommitResult(committed: committed, failures: failures)
    }
}

extension WireWriter {
    mutating func partition(_ partition: TopicPartition) {
        string(partition.topic)
        integer(partition.partition)
    }

    mutating func partitions(_ partitions: [TopicPartition]) {
        list(partitions) { $0.partition($1) }
    }

    mutating func offsets(_ offsets: [TopicPartition: Int64]) {
        list(offsets) { writer, offset in
            writer.partition(offset.key)
            writer.integer(offset.value)
        }
    }

    mutating func ranges(_ ranges: [TopicPartition: Range<Int64>]) {
        list(ranges) { writer, range in
            writer.partition(range.key)
            writer.integer(range.value.lowerBound)
            writer.integer(range.value.upperBound)
        }
    }

    mutating func strings(_ strings: [String]) {
        list(strings) { $0.string($1) }
    }

    mutating func settings(_ settings: [String: String]) {
        list(settings) { writer, setting in
            writer.string(setting.key)
            writer.string(setting.value)
        }
    }

    mutating func declarations(_ declarations: [TopicDeclaration]) {
        list(declarations) { writer, declaration in
            writer.string(declaration.name)
            writer.integer(declaration.partitions)
            writer.integer(declaration.replicas)
            writer.settings(declaration.configuration)
        }
    }

    mutating func topics(_ topics: [TopicMetadata]) {
        list(topics) { writer, topic in
            writer.string(topic.name)
            writer.integer(topic.partitions)
            writer.settings(topic.configuration)
        }
    }

    mutating func error(_ error: FaustError) {
        string(error.code.description)
        string(error.message)
        optional(error.cause) { $0.string("\($1)") }
        optional(error.topicPartition) { $0.partition($1) }
        optional(error.offset) { $0.integer($1) }
        boolean(error.isRetriable)
        boolean(error.isFatal)
    }

    mutating func members(_ members: [GroupMemberDescription]) {
        list(members) { writer, member in
            writer.string(member.memberID)
            writer.string(member.clientID)
            writer.partitions(member.assignment)
        }
    }

    mutating func commitResult(_ result: CommitResult) {
        offsets(result.committed)
        list(result.failures) { writer, failure in
            writer.partition(failure.key)
            writer.error(failure.value)
        }
    }
}

/// What an error of the other process was caused by, as text.
struct RemoteCause: Error, CustomStringConvertible {
    let description: String
}

extension FaustError.Code {
    private static let byName: [String: FaustError.Code] = Dictionary(
        uniqueKeysWithValues: [
            configuration, lifecycle, decode, encode, validation, transport, invalidTopic, unknownPartition,
            messageTooLarge, storage, corruption, group, fenced, handler, timeout, closed,
        ]
        .map { ($0.description, $0) }
    )

    /// The code of a name; `transport` for one that a newer version may have sent.
    fileprivate static func named(_ name: String) -> FaustError.Code {
        byName[name] ?? .transport
    }
}

extension FaustError {
    /// An error as the contract wants it: those of other types become one with code `transport`.
    init(wrapping error: any Error) {
        self = error as? FaustError ?? FaustError(.transport, "the log has failed", cause: error)
    }
}
