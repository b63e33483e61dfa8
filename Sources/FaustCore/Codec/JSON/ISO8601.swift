// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Dates and times in the form of ISO 8601 (RFC 3339), by the proleptic Gregorian calendar.
enum ISO8601 {
    /// A point in time: whole seconds since 2001-01-01 00:00 UTC, where `Date` counts from, and a decimal fraction.
    private struct Instant {
        var seconds: Int
        var fraction = 0
        var places = 0

        var date: Date {
            let scale = PowersOfTen.doubles[places]
            // One division of two exact numbers is rounded correctly.
            let (scaled, overflow) = seconds.multipliedReportingOverflow(by: Int(scale))
            if !overflow && scaled.magnitude < 1 << 52 {
                return Date(timeIntervalSinceReferenceDate: Double(scaled + fraction) / scale)
            }
            return Date(timeIntervalSinceReferenceDate: Double(seconds) + Double(fraction) / scale)
        }
    }

    private static let secondsPerDay = 86_400
    /// How many decimal places are read; more are dropped.
    private static let greatestPlaces = 9

    // MARK: Reading

    /// The point in time that a text stands for; `nil` when it has another form or is no date of the calendar.
    static func date(from text: UnsafeRawBufferPointer) -> Date? {
        var scanner = Scanner(text: text)
        guard let year = scanner.number(digits: 4), scanner.skip("-"), let month = scanner.number(digits: 2),
            scanner.skip("-"), let day = scanner.number(digits: 2), (1...12).contains(month), day >= 1,
            day <= dayCount(ofMonth: month, year: year), year >= 1
        else { return nil }
        var instant = Instant(seconds: days(year: year, month: month, day: day) * secondsPerDay)
        if scanner.isAtEnd { return instant.date }
        guard scanner.skip("T") || scanner.skip("t") || scanner.skip(" "), scanner.time(into: &instant) else {
            return nil
        }
        return scanner.isAtEnd ? instant.date : nil
    }

    private struct Scanner {
        let text: UnsafeRawBufferPointer
        var index = 0

        var isAtEnd: Bool { index == text.count }

        mutating func skip(_ scalar: UnicodeScalar) -> Bool {
            guard index < text.count, text[index] == UInt8(ascii: scalar) else { return false }
            index += 1
            return true
        }

        mutating func number(digits: Int) -> Int? {
            guard text.count - index >= digits else { return nil }
            var number = 0
            for byte in text[index..<(index + digits)] {
                let digit = byte &- UInt8(ascii: "0")
                guard digit <= 9 else { return nil }
                number = number * 10 + Int(digit)
            }
            index += digits
            return number
        }

        mutating func time(into instant: inout Instant) -> Bool {
            guard let hour = number(digits: 2), hour < 24, skip(":"), let minute = number(digits: 2), minute < 60
            else { return false }
            instant.seconds += hour * 3600 + minute * 60
            if skip(":") {
                // 60 is a leap second, which counts as the first of the next minute.
                guard let second = number(digits: 2), second <= 60 else { return false }
                instant.seconds += second
                if skip(".") || skip(",") {
                    guard fraction(into: &instant) else { return false }
                }
            }
            return offset(into: &instant)
        }

        private mutating func fraction(into instant: inout Instant) -> Bool {
            let start = index
            while index < text.count, text[index] &- UInt8(ascii: "0") <= 9 {
                if instant.places < greatestPlaces {
                    instant.fraction = instant.fraction * 10 + Int(text[index] - UInt8(ascii: "0"))
                    instant.places += 1
                }
                index += 1
            }
            return index > start
        }

        private mutating func offset(into instant: inout Instant) -> Bool {
            if isAtEnd || skip("Z") || skip("z") { return true }
            let isBehind = skip("-")
            guard isBehind || skip("+"), let hours = number(digits: 2), hours < 24 else { return false }
            var offset = hours * 3600
            if !isAtEnd {
                _ = skip(":")
                guard let minutes = number(digits: 2), minutes < 60 else { return false }
                offset += minutes * 60
            }
            instant.seconds += isBehind ? offset : -offset
            return true
        }
    }

    // MARK: Writing

    /// The text of a point in time; `nil` outside the years 1 to 9999.
    static func text(of date: Date) -> String? {
        let interval = date.timeIntervalSinceReferenceDate
        guard interval.isFinite, abs(interval) < 1e12 else { return nil }
        let instant = microseconds(interval)
        let days = Int((Double(instant.seconds) / Double(secondsPerDay)).rounded(.down))
        let (year, month, day) = civil(fromDays: days)
        guard (1...9999).contains(year) else { return nil }
        let second = instant.seconds - days * secondsPerDay
        var text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
        text += "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        if instant.fraction > 0 { text += ".\(padded(instant.fraction, instant.places))" }
        return text + "Z"
    }

    /// A point in time rounded to microseconds, with as many decimal places as it takes.
    private static func microseconds(_ interval: Double) -> Instant {
        let whole = interval.rounded(.down)
        var instant = Instant(seconds: Int(whole), fraction: Int(((interval - whole) * 1e6).rounded()), places: 6)
        if instant.fraction == 1_000_000 { instant = Instant(seconds: instant.seconds + 1) }
        while instant.places > 0 && instant.fraction.isMultiple(of: 10) {
            instant.fraction /= 10
            instant.places -= 1
        }
        return instant
    }

    private static func padded(_ number: Int, _ length: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(length - digits.count, 0)) + digits
    }

    // MARK: Calendar

    // Years are counted from March on, so that the leap day is the last one of a year; 400 years have 146,097 days.

    /// The days from 2001-01-01 to a date.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let daysBefore = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400
        return daysBefore + dayOfYear - daysToReference
    }

    /// The days from March 1 of the year 0 to 2001-01-01.
    private static let daysToReference = 730_791

    /// The date that lies a number of days after 2001-01-01.
    private static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
        let total = days + daysToReference
        let era = (total >= 0 ? total : total - 146_096) / 146_097
        let dayOfEra = total - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func dayCount(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
