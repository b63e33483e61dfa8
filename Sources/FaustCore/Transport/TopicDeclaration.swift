// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// What a topic should be like when it is created.
public struct TopicDeclaration: Sendable, Hashable {
    /// The name: 1 to 249 characters out of `a-z A-Z 0-9 . _ -`, and neither `.` nor `..`, as in Kafka.
    public var name: String
    /// The number of partitions, 1 or more.
    public var partitions: Int32
    /// The number of copies a cluster keeps; the embedded log keeps one and ignores it.
    public var replicas: Int16
    /// The configuration under Kafka's names, such as `retention.ms`, `retention.bytes`, `cleanup.policy`.
    public var configuration: [String: String]

    /// What a topic should be like when it is created.
    public init(name: String, partitions: Int32, replicas: Int16 = 1, configuration: [String: String] = [:]) {
        self.name = name
        self.partitions = partitions
        self.replicas = replicas
        self.configuration = configuration
    }

    /// Why the broker would refuse the declaration; `nil` when it would not.
    public var fault: String? {
        let allowed = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        if name.isEmpty || name.utf8.count > 249 || name == "." || name == ".." || !name.utf8.allSatisfy(allowed) {
            return "'\(name)' is no topic name: use 1 to 249 characters out of a-z A-Z 0-9 . _ -"
        }
        return partitions < 1 ? "topic \(name) needs at least 1 partition, not \(partitions)" : nil
    }
}

/// What a broker knows of a topic.
public struct TopicMetadata: Sendable, Hashable {
    /// The name.
    public let name: String
    /// The number of partitions.
    public let partitions: Int32
    /// The configuration that differs from the broker's defaults, as far as the transport reports it.
    public let configuration: [String: String]

    /// What a broker knows of a topic.
    public init(name: String, partitions: Int32, configuration: [String: String] = [:]) {
        self.name = name
        self.partitions = partitions
        self.configuration = configuration
    }
}
