// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// How points in time are written and read.
public enum JSONDateStyle: Sendable {
    /// A string such as `2024-01-02T03:04:05.5Z` (ISO 8601, RFC 3339).
    ///
    /// Written in UTC, rounded to microseconds, without zeros at the end of the fraction: other programs, Python among
    /// them, read no more than six decimal places. Read with any offset from UTC, or none, which counts as UTC; a space may
    /// stand for the `T`; the time or its seconds may be missing. The fraction is a fraction: `.5` is half a second.
    case iso8601
    /// A number of seconds since 1970-01-01 00:00 UTC, possibly with a fraction.
    case epochSeconds
    /// A number of milliseconds since 1970-01-01 00:00 UTC; written as a whole number.
    case epochMilliseconds
}

extension JSONReader {
    /// Reads a point in time.
    ///
    /// - Parameter style: How it is written.
    /// - Returns: The point in time.
    /// - Throws: ``JSONError`` when it is not written so, or is no date of the calendar.
    public mutating func readDate(_ style: JSONDateStyle = .iso8601) throws(JSONError) -> Date {
        let start = nextValueOffset
        switch style {
        case .iso8601:
            guard peek == .string else { throw mismatch("a date in a string") }
            offset = start
            let hasEscapes = try skipString()
            let content = bytes((start + 1)..<(offset - 1))
            guard !hasEscapes, let date = ISO8601.date(from: content) else {
                throw fault(.invalidValue("not a date and time in the form of ISO 8601"), at: start)
            }
            return date
        case .epochSeconds:
            return Date(timeIntervalSince1970: try readDouble())
        case .epochMilliseconds:
            return Date(timeIntervalSince1970: try readDouble() / 1000)
        }
    }
}

extension JSONWriter {
    /// Writes a point in time.
    ///
    /// - Parameters:
    ///   - date: The point in time.
    ///   - style: How to write it.
    /// - Throws: ``JSONError`` when it is not finite, or outside the years 1 to 9999, which ISO 8601 has digits for.
    public mutating func write(_ date: Date, as style: JSONDateStyle = .iso8601) throws(JSONError) {
        switch style {
        case .iso8601:
            guard let text = ISO8601.text(of: date) else {
                throw fault(.invalidValue("a date outside the years 1 to 9999"))
            }
            append("\"")
            writePlain(text)
            append("\"")
        case .epochSeconds:
            let seconds = date.timeIntervalSince1970
            if let whole = Int64(exactly: seconds) { write(whole) } else { try write(seconds) }
        case .epochMilliseconds:
            let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
            guard let whole = Int64(exactly: milliseconds) else { throw fault(.outOfRange("Int64")) }
            write(whole)
        }
    }
}
