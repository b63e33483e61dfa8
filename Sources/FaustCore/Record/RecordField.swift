// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A field of a record: what tools such as the `models` command show of it.
public struct RecordField: Sendable {
    /// A rule that the value of a field must keep.
    public enum Rule: Sendable {
        /// The limits of a number or date, as they are written in Swift, and in JSON where they are numbers.
        case limits(text: String, lower: String?, upper: String?, isUpperIncluded: Bool)
        /// The limits of the length; `nil` where there is none.
        case length(least: Int?, greatest: Int?)
        /// The regular expression that the whole string must match.
        case pattern(String)
    }

    /// The name of the property.
    public let name: String
    /// The name on the wire that is read.
    public let inputName: String
    /// The name on the wire that is written.
    public let outputName: String
    /// The type of the property.
    public let type: Any.Type
    /// The type as it is written in the declaration.
    public let typeName: String
    /// Whether reading fails without the field.
    public let isRequired: Bool
    /// The initial value as it is written in the declaration.
    public let defaultText: String?
    /// The initial value as JSON, if it is a literal.
    public let defaultJSON: String?
    /// Whether the field is left out on writing.
    public let isExcluded: Bool
    /// How a date is written; `nil` for ISO 8601 and for other types.
    public let date: JSONDateStyle?
    /// The types that a field of type `any P` can have.
    public let oneOf: [any NamespacedRecord.Type]
    /// The rules that the value must keep.
    public let rules: [Rule]
    /// The first paragraph of its documentation comment.
    public let summary: String?

    /// A field; called by generated code.
    ///
    /// - Parameters:
    ///   - name: The name of the property.
    ///   - inputName: The name on the wire that is read.
    ///   - outputName: The name on the wire that is written.
    ///   - type: The type of the property.
    ///   - typeName: The type as it is written in the declaration.
    ///   - isRequired: Whether reading fails without the field.
    ///   - defaultText: The initial value as it is written.
    ///   - defaultJSON: The initial value as JSON, if it is a literal.
    ///   - isExcluded: Whether the field is left out on writing.
    ///   - date: How a date is written.
    ///   - oneOf: The types that a field of type `any P` can have.
    ///   - rules: The rules that the value must keep.
    ///   - summary: The first paragraph of its documentation comment.
    public init(
        name: String,
        inputName: String,
        outputName: String,
        type: Any.Type,
        typeName: String,
        isRequired: Bool,
        defaultText: String? = nil,
        defaultJSON: String? = nil,
        isExcluded: Bool = false,
        date: JSONDateStyle? = nil,
        oneOf: [any NamespacedRecord.Type] = [],
        rules: [Rule] = [],
        summary: String? = nil
    ) {
        self.name = name
        self.inputName = inputName
        self.outputName = outputName
        self.type = type
        self.typeName = typeName
        self.isRequired = isRequired
        self.defaultText = defaultText
        self.defaultJSON = defaultJSON
        self.isExcluded = isExcluded
        self.date = date
        self.oneOf = oneOf
        self.rules = rules
        self.summary = summary
    }
}
