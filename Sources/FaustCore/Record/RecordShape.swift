// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// What a record is made of.
public enum RecordShape: Sendable {
    /// A struct with these fields, in the order of declaration.
    case structure([RecordField])
    /// An enum whose cases are written as one of these JSON texts.
    case rawValues([String])
    /// An enum whose cases carry values or nothing.
    case cases([RecordCase])
    /// An enum whose cases carry one of these records, told apart by their namespace.
    case oneOf([any NamespacedRecord.Type])
}

/// A case of an enum with ``Record(naming:namespace:includeMetadata:coerce:validation:polymorphic:)``.
public struct RecordCase: Sendable {
    /// How the values of a case are written.
    public enum Form: Sendable {
        /// No values: `"name"`.
        case none
        /// One value without a label: `{"name":value}`.
        case single
        /// Values with labels: `{"name":{"label":value}}`.
        case labelled
        /// Several values without labels: `{"name":[value,value]}`.
        case list
    }

    /// The name of the case.
    public let name: String
    /// Its name on the wire.
    public let wireName: String
    /// How its values are written.
    public let form: Form
    /// Its values; those without a label are named by their index.
    public let fields: [RecordField]
    /// The first paragraph of its documentation comment.
    public let summary: String?

    /// A case; called by generated code.
    ///
    /// - Parameters:
    ///   - name: The name of the case.
    ///   - wireName: Its name on the wire.
    ///   - form: How its values are written.
    ///   - fields: Its values.
    ///   - summary: The first paragraph of its documentation comment.
    public init(name: String, wireName: String, form: Form, fields: [RecordField], summary: String? = nil) {
        self.name = name
        self.wireName = wireName
        self.form = form
        self.fields = fields
        self.summary = summary
    }
}
