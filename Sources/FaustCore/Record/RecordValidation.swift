// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Collects the rules that the fields of a record break; used by generated code.
public struct RecordValidation: Sendable {
    /// The broken rules so far.
    public private(set) var errors: [ValidationError] = []

    /// Nothing checked yet.
    public init() {}

    /// Checks that a value is in a range; `nil` always is.
    public mutating func check<Range: RangeExpression>(
        _ value: Range.Bound?,
        _ field: String,
        range: Range,
        _ text: String
    ) {
        if let value, !range.contains(value) { add(field, "must be in \(text)") }
    }

    /// Checks the number of Unicode scalars of a string; `nil` has any.
    public mutating func check(_ value: String?, _ field: String, length: some RangeExpression<Int>, _ text: String) {
        if let value, !length.contains(value.unicodeScalars.count) {
            add(field, "must have \(text) characters")
        }
    }

    /// Checks the number of elements of a collection; `nil` has any.
    public mutating func check(
        _ value: (some Collection)?,
        _ field: String,
        length: some RangeExpression<Int>,
        _ text: String
    ) {
        if let value, !length.contains(value.count) { add(field, "must have \(text) elements") }
    }

    /// Checks that the whole of a string matches a regular expression; `nil` does.
    public mutating func check(_ value: String?, _ field: String, pattern: RecordPattern, _ text: String) {
        if let value, !pattern.matches(value) { add(field, "must match \(text)") }
    }

    /// Checks the records inside a value.
    public mutating func check(_ value: some NestedValidation, _ field: String) {
        value.collectValidationErrors(at: field, into: &errors)
    }

    /// Checks the records inside a value of a generic record, if there are any.
    public mutating func check(anything value: Any, _ field: String) {
        (value as? any NestedValidation)?.collectValidationErrors(at: field, into: &errors)
    }

    /// Does nothing: no record is known to be inside the value.
    @inlinable
    public mutating func check<Value>(_ value: Value, _ field: String) {}

    private mutating func add(_ field: String, _ reason: String) {
        errors.append(ValidationError(field: field, reason: reason))
    }
}

/// A value that has rules, or contains values that have: records, and optionals, arrays, sets and dictionaries of them.
public protocol NestedValidation {
    /// Adds all the broken rules.
    ///
    /// - Parameters:
    ///   - path: Where the value is in the record around it, such as `items[2]`.
    ///   - errors: Where to add them.
    func collectValidationErrors(at path: String, into errors: inout [ValidationError])
}

extension Record {
    /// Adds the broken rules of the record.
    public func collectValidationErrors(at path: String, into errors: inout [ValidationError]) {
        for error in validationErrors {
            errors.append(ValidationError(field: "\(path).\(error.field)", reason: error.reason))
        }
    }
}

extension Optional: NestedValidation where Wrapped: NestedValidation {
    /// Adds the broken rules of the value, if there is one.
    public func collectValidationErrors(at path: String, into errors: inout [ValidationError]) {
        self?.collectValidationErrors(at: path, into: &errors)
    }
}

extension Array: NestedValidation where Element: NestedValidation {
    /// Adds the broken rules of the elements.
    public func collectValidationErrors(at path: String, into errors: inout [ValidationError]) {
        for (index, element) in enumerated() {
            element.collectValidationErrors(at: "\(path)[\(index)]", into: &errors)
        }
    }
}

extension Set: NestedValidation where Element: NestedValidation {
    /// Adds the broken rules of the elements.
    public func collectValidationErrors(at path: String, into errors: inout [ValidationError]) {
        for element in self { element.collectValidationErrors(at: "\(path)[]", into: &errors) }
    }
}

extension Dictionary: NestedValidation where Value: NestedValidation {
    /// Adds the broken rules of the values.
    public func collectValidationErrors(at path: String, into errors: inout [ValidationError]) {
        for (key, value) in self { value.collectValidationErrors(at: "\(path)[\(key)]", into: &errors) }
    }
}
