// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// One property of librdkafka with its value, and where the value is from.
///
/// Neither printing nor dumping it shows the value of a secret.
package struct KafkaProperty: Sendable, Hashable {
    /// Where a value is from, which tells what to change when librdkafka refuses it.
    package enum Origin: Sendable, Hashable {
        /// The setting of this name, as ``FaustCore/Settings`` spells it.
        case setting(String)
        /// The driver itself: what it promises rests on the value.
        case fixed
        /// The user, who named the property itself.
        case override
    }

    /// The name as librdkafka's CONFIGURATION.md lists it.
    package let name: String
    /// The value as librdkafka reads it.
    package let value: String
    /// Where the value is from.
    package let origin: Origin

    /// A property with its value.
    package init(_ name: String, _ value: String, _ origin: Origin) {
        self.name = name
        self.value = value
        self.origin = origin
    }

    /// Whether the value may be a password, a key or a token.
    ///
    /// It goes by parts of the name, and rather takes too many for secret, so that properties of newer versions of
    /// librdkafka and misspelt ones are masked too.
    package var isSecret: Bool {
        let name = name.lowercased()
        if name.hasSuffix(".location") { return false }
        return Self.secretParts.contains { name.contains($0) }
    }

    private static let secretParts = ["pass", "secret", "token", "credential", "pem", "key", "oauthbearer.config"]

    /// The value, or `***` for a secret.
    package var maskedValue: String { isSecret ? "***" : value }
}

extension KafkaProperty: CustomStringConvertible, CustomReflectable {
    /// Name and value as in a file of properties; a secret is masked.
    package var description: String { "\(name)=\(maskedValue)" }
    /// What a dump shows: a secret is masked.
    package var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
