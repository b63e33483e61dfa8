// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension RecordField.Rule {
    /// The rule of a range; called by generated code.
    ///
    /// - Parameters:
    ///   - range: The range, of any kind.
    ///   - text: The range as it is written in the declaration.
    /// - Returns: The rule.
    public static func range<Range: RangeExpression>(_ range: Range, _ text: String) -> Self {
        let bounds = (range as? any BoundedRange)?.bounds
        return .limits(
            text: text,
            lower: bounds?.lower.flatMap(json),
            upper: bounds?.upper.flatMap(json),
            isUpperIncluded: bounds?.isUpperIncluded ?? true
        )
    }

    /// The rule of a length; called by generated code.
    ///
    /// - Parameter range: The lengths allowed, as a range of any kind.
    /// - Returns: The rule.
    public static func length(_ range: some RangeExpression<Int>) -> Self {
        let bounds = (range as? any BoundedRange)?.bounds
        let upper = (bounds?.upper as? Int).map { bounds?.isUpperIncluded == false ? $0 - 1 : $0 }
        return .length(least: bounds?.lower as? Int, greatest: upper)
    }

    /// A bound as JSON if it is a number.
    private static func json(_ bound: Any) -> String? {
        if let number = bound as? any BinaryInteger { return "\(number)" }
        if let number = bound as? Double { return RecordSupport.json(number) }
        if let number = bound as? Float { return RecordSupport.json(number) }
        return nil
    }
}

extension RecordField.Rule: CustomStringConvertible {
    /// The rule as half a sentence, such as `in 0...100`.
    public var description: String {
        switch self {
        case .limits(let text, _, _, _): "in \(text)"
        case .length(let least, let greatest):
            "length \(least.map(String.init) ?? "")...\(greatest.map(String.init) ?? "")"
        case .pattern(let pattern): "matching \(pattern)"
        }
    }
}

/// The standard ranges, seen as a lower and an upper bound.
private protocol BoundedRange {
    var bounds: (lower: Any?, upper: Any?, isUpperIncluded: Bool) { get }
}

extension ClosedRange: BoundedRange {
    fileprivate var bounds: (lower: Any?, upper: Any?, isUpperIncluded: Bool) { (lowerBound, upperBound, true) }
}

extension Range: BoundedRange {
    fileprivate var bounds: (lower: Any?, upper: Any?, isUpperIncluded: Bool) { (lowerBound, upperBound, false) }
}

extension PartialRangeFrom: BoundedRange {
    fileprivate var bounds: (lower: Any?, upper: Any?, isUpperIncluded: Bool) { (lowerBound, nil, true) }
}

extension PartialRangeThrough: BoundedRange {
    fileprivate var bounds: (lower: Any?, upper: Any?, isUpperIncluded: Bool) { (nil, upperBound, true) }
}

extension PartialRangeUpTo: BoundedRange {
    fileprivate var bounds: (lower: Any?, upper: Any?, isUpperIncluded: Bool) { (nil, upperBound, false) }
}
