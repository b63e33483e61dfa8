// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The numbers that one field of a ``CronExpression`` allows.
struct CronField: Sendable, Hashable {
    /// What a field is about: its name in errors, its numbers and their names.
    struct Unit: Sendable {
        let name: String
        let range: ClosedRange<Int>
        var names: [String: Int] = [:]
        /// After how many numbers they begin again; for weekdays 7, though 7 itself is another word for Sunday.
        let cycle: Int

        static let second = Unit(name: "second", range: 0...59, cycle: 60)
        static let minute = Unit(name: "minute", range: 0...59, cycle: 60)
        static let hour = Unit(name: "hour", range: 0...23, cycle: 24)
        static let dayOfMonth = Unit(name: "day of the month", range: 1...31, cycle: 31)
        static let month = Unit(
            name: "month",
            range: 1...12,
            names: numbered(
                ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
                from: 1
            ),
            cycle: 12
        )
        static let dayOfWeek = Unit(
            name: "day of the week",
            range: 0...7,
            names: numbered(["sun", "mon", "tue", "wed", "thu", "fri", "sat"], from: 0),
            cycle: 7
        )

        private static func numbered(_ names: [String], from first: Int) -> [String: Int] {
            Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0 + first) })
        }
    }

    /// A mistake in a field.
    struct Fault: Error {
        let message: String
    }

    /// A bit for each number that is allowed; 7 as a weekday has become 0.
    private var bits: UInt64 = 0
    /// Whether the text begins with `*` (or is `?`), which cron's rules for days and for changes of the clock ask.
    let isStar: Bool

    /// The field that allows one number only.
    init(only number: Int) {
        bits = 1 << UInt64(number)
        isStar = false
    }

    /// Reads a field: a list of `*`, `n`, `a-b`, each with `/step` or without.
    init(_ text: Substring, _ unit: Unit) throws(Fault) {
        let isDay = unit.name == Unit.dayOfMonth.name || unit.name == Unit.dayOfWeek.name
        isStar = text.hasPrefix("*") || (text == "?" && isDay)
        if text == "?" && isDay {
            add(unit.range.lowerBound, through: unit.range.upperBound, step: 1, unit)
            return
        }
        for element in text.split(separator: ",", omittingEmptySubsequences: false) { try add(element, unit) }
    }

    /// Whether a number is allowed.
    func contains(_ number: Int) -> Bool { bits & (1 << UInt64(number)) != 0 }

    /// The smallest number that is allowed and not below a number; `nil` when there is none.
    func first(from number: Int) -> Int? {
        guard number < 64 else { return nil }
        let rest = bits & (UInt64.max << UInt64(number))
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }

    private mutating func add(_ element: Substring, _ unit: Unit) throws(Fault) {
        let parts = element.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let step = parts.count == 2 ? try Self.step(parts[1], unit) : 1
        let span = parts[0]
        if span == "*" {
            add(unit.range.lowerBound, through: unit.range.upperBound, step: step, unit)
            return
        }
        let ends = span.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let low = try Self.number(ends[0], unit)
        if ends.count == 2 {
            let high = try Self.number(ends[1], unit)
            // A range may go over the end, as in fri-mon or 22-2.
            add(low, through: low <= high ? high : high + unit.cycle, step: step, unit)
        } else {
            add(low, through: parts.count == 2 ? unit.range.upperBound : low, step: step, unit)
        }
    }

    private mutating func add(_ low: Int, through high: Int, step: Int, _ unit: Unit) {
        let first = unit.range.lowerBound
        for number in stride(from: low, through: high, by: step) {
            bits |= 1 << UInt64(first + (number - first) % unit.cycle)
        }
    }

    private static func number(_ text: Substring, _ unit: Unit) throws(Fault) -> Int {
        if let number = unit.names[text.lowercased()] { return number }
        let range = "\(unit.range.lowerBound) to \(unit.range.upperBound)"
        guard let number = decimal(text) else {
            let names = unit.names.isEmpty ? "" : " or a name such as \(unit.names.keys.min() ?? "")"
            throw Fault(message: "'\(text)' is no \(unit.name): give a number from \(range)\(names)")
        }
        guard unit.range.contains(number) else {
            throw Fault(message: "\(unit.name) \(text) is not within \(range)")
        }
        return number
    }

    private static func step(_ text: Substring, _ unit: Unit) throws(Fault) -> Int {
        guard let step = decimal(text), (1...unit.cycle).contains(step) else {
            throw Fault(message: "the step '\(text)' of the \(unit.name) is no number from 1 to \(unit.cycle)")
        }
        return step
    }

    /// The number that digits stand for; signs and blanks are no digits.
    private static func decimal(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }
}
