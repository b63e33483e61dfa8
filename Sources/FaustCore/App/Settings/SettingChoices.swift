// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How often a message may take effect.
public enum ProcessingGuarantee: String, Sendable, CaseIterable {
    /// Never less than once: after a crash the messages since the last commit are processed again.
    case atLeastOnce = "at_least_once"
    /// Once: what a message changes in tables and sends to topics takes effect together with its commit.
    case exactlyOnce = "exactly_once"
}

/// Who has to have a message before it counts as sent.
public enum Acks: String, Sendable, CaseIterable {
    /// Nobody: a message may be lost without anybody noticing.
    case none = "0"
    /// The partition's leader.
    case leader = "1"
    /// All copies that are in sync.
    case all = "-1"
}

/// How Kafka's batches are compressed on the wire and on the broker's disk.
public enum CompressionType: String, Sendable, CaseIterable {
    /// RFC 1952.
    case gzip
    /// Snappy.
    case snappy
    /// LZ4.
    case lz4
    /// Zstandard, RFC 8878.
    case zstd
}

/// How to log in to a broker: SASL's mechanism, a name and a password.
///
/// Neither printing nor dumping it shows the password.
public struct BrokerCredentials: Sendable, Hashable {
    /// How the password is proved.
    public enum Mechanism: String, Sendable, CaseIterable {
        /// The password itself is sent: only over TLS.
        case plain
        /// RFC 7677.
        case scramSHA256 = "scram-sha-256"
        /// As RFC 7677, with SHA-512.
        case scramSHA512 = "scram-sha-512"
    }

    /// How the password is proved.
    public var mechanism: Mechanism
    /// The name.
    public var username: String
    /// The password.
    public var password: String

    /// A name and a password.
    public init(username: String, password: String, mechanism: Mechanism = .plain) {
        self.mechanism = mechanism
        self.username = username
        self.password = password
    }

    /// The credentials of a text: `user:password`, or with a mechanism `scram-sha-256://user:password`.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration``; its message never shows the password.
    public init(_ text: String) throws(FaustError) {
        var rest = text[...]
        mechanism = .plain
        if let end = text.firstRange(of: "://") {
            guard let known = Mechanism(rawValue: text[..<end.lowerBound].lowercased()) else {
                let names = Mechanism.allCases.map(\.rawValue).joined(separator: ", ")
                throw FaustError(.configuration, "unknown mechanism before '://'; known are \(names)")
            }
            mechanism = known
            rest = text[end.upperBound...]
        }
        guard let colon = rest.firstIndex(of: ":"), colon > rest.startIndex else {
            throw FaustError(.configuration, "write user:password, or mechanism://user:password")
        }
        username = String(rest[..<colon])
        password = String(rest[rest.index(after: colon)...])
    }
}

extension BrokerCredentials: CustomStringConvertible, CustomReflectable {
    /// Mechanism and name; the password is masked.
    public var description: String { "\(mechanism.rawValue)://\(username):***" }
    /// What a dump shows: the password is masked.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
