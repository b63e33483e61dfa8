// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A rule that a field of a record breaks.
public struct ValidationError: Error, Sendable, Hashable {
    /// The property, from the record on, such as `items[2].price`.
    public var field: String
    /// The rule, such as `must be in 0...100`, without the value, which may be confidential.
    public var reason: String

    /// A broken rule.
    ///
    /// - Parameters:
    ///   - field: The property that it is about.
    ///   - reason: The rule, which follows the name of the property in a sentence.
    public init(field: String, reason: String) {
        self.field = field
        self.reason = reason
    }
}

extension ValidationError: CustomStringConvertible {
    /// The property and the rule.
    public var description: String { "\(field) \(reason)" }
}

/// All the rules that a record breaks.
public struct ValidationFailure: Error, Sendable, Hashable {
    /// The namespace of the record.
    public let record: String
    /// The broken rules, at least one, in the order of the fields.
    public let errors: [ValidationError]

    /// A record that breaks rules.
    ///
    /// - Parameters:
    ///   - record: The namespace of the record.
    ///   - errors: The broken rules.
    public init(record: String, errors: [ValidationError]) {
        self.record = record
        self.errors = errors
    }
}

extension ValidationFailure: CustomStringConvertible {
    /// The record and every broken rule.
    public var description: String {
        let list = errors.map(\.description).joined(separator: "; ")
        return "\(record) breaks \(errors.count) \(errors.count == 1 ? "rule" : "rules"): \(list)"
    }
}
