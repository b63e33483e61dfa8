// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The times that a crontab names, such as `0 20 * * *`: every day at eight in the evening.
///
/// Five fields, separated by blanks: minute (0–59), hour (0–23), day of the month (1–31), month (1–12 or `jan`–`dec`),
/// day of the week (0–7 or `sun`–`sat`; Sunday is 0 and 7). A sixth field *at the end* names seconds (0–59), as in Faust,
/// whose crontabs `croniter` reads; without it the second is 0.
///
/// A field is a list, separated by commas, of `*`, a number or name, or a range `a-b`, which may go over the end (`fri-mon`,
/// `22-2`). `/n` takes every n-th of a range, of `*`, or of everything from a number on (`5/15` in minutes is 5, 20, 35, 50).
/// `?` is `*` in the fields of days. The words `@yearly` (`@annually`), `@monthly`, `@weekly`, `@daily` (`@midnight`) and
/// `@hourly` stand for whole expressions.
///
/// **Days.** When both fields of days are restricted, a day that either of them names counts: `0 0 13 * fri` is every
/// 13th and every Friday. When one of them begins with `*`, both must agree (Vixie cron's rule, which takes the
/// first character at its word: `0 0 */2 * fri` is each Friday with an odd date).
///
/// **Changes of the clock.** An expression whose minutes or hours begin with `*` is periodic: it fires whenever the clock of
/// its time zone shows what it names. Where the clock is set back, it fires in the repeated hour again; what the clock
/// leaves out, it leaves out. Any other expression names fixed times, each of which comes once a day: a time that is
/// repeated fires the first time only, and times that the clock leaves out fire once, together, at the first moment after
/// the gap. Vixie cron treats changes of up to three hours so.
///
/// What can't be is refused: numbers out of range, the 30th of February.
public struct CronExpression: Sendable, Hashable {
    private let text: String
    private let second: CronField
    private let minute: CronField
    private let hour: CronField
    private let dayOfMonth: CronField
    private let month: CronField
    private let dayOfWeek: CronField

    /// Whether it fires whenever the clock shows what it names, also a second time.
    let isPeriodic: Bool

    /// Reads an expression.
    ///
    /// - Parameter text: Five or six fields, or a word such as `@daily`.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration``, which names the field that is wrong.
    public init(_ text: String) throws(FaustError) {
        let fields = try Self.fields(of: text)
        do {
            minute = try CronField(fields[0], .minute)
            hour = try CronField(fields[1], .hour)
            dayOfMonth = try CronField(fields[2], .dayOfMonth)
            month = try CronField(fields[3], .month)
            dayOfWeek = try CronField(fields[4], .dayOfWeek)
            second = fields.count == 6 ? try CronField(fields[5], .second) : CronField(only: 0)
        } catch {
            throw Self.fault(text, error.message)
        }
        self.text = text
        isPeriodic = minute.isStar || hour.isStar
        if !hasDays {
            throw Self.fault(text, "no month that it names has such a day of the month")
        }
    }

    /// The first time after another at which the expression fires.
    ///
    /// - Parameters:
    ///   - time: The time to look from; a fire at that very moment does not count.
    ///   - zone: The time zone whose clock the expression is about.
    /// - Returns: The time, a whole second; `nil` when there is none within 400 years, as for times that the zone's clock
    ///   always leaves out, or when `time` is further than 30,000 years away.
    public func next(after time: Timestamp, in zone: TimeZone) -> Timestamp? {
        next(after: Int(time.milliseconds).flooredQuotient(by: 1_000)) { second in
            zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second)))
        }
        .map { Timestamp(milliseconds: Int64($0) * 1_000) }
    }

    private static func fields(of text: String) throws(FaustError) -> [Substring] {
        var expression = text
        if text.hasPrefix("@") {
            guard let meaning = words[text.lowercased()] else {
                let hint = text.lowercased() == "@reboot" ? "; what runs at the start is an app.task" : ""
                throw fault(text, "there is no such word: use \(words.keys.sorted().joined(separator: ", "))\(hint)")
            }
            expression = meaning
        }
        let fields = expression.split { $0 == " " || $0 == "\t" }
        guard (5...6).contains(fields.count) else {
            throw fault(
                text,
                "it has \(fields.count) fields: give minute, hour, day of the month, month, day of the week"
                    + " and, if need be, second"
            )
        }
        return fields
    }

    private static let words = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    private static func fault(_ text: String, _ message: String) -> FaustError {
        FaustError(.configuration, "crontab '\(text)': \(message)")
    }
}

extension CronExpression: CustomStringConvertible {
    /// The expression as it was written.
    public var description: String { text }
}

// MARK: Times without a zone

extension CronExpression {
    /// Whether a day of either field counts; else both must agree.
    private var joinsDays: Bool { !dayOfMonth.isStar && !dayOfWeek.isStar }

    /// Whether any day of any year is named.
    private var hasDays: Bool {
        // Every date falls on every day of the week in some year.
        if joinsDays { return true }
        return CivilDay.longestMonths.enumerated()
            .contains { index, longest in
                guard month.contains(index + 1), let first = dayOfMonth.first(from: 1) else { return false }
                return first <= longest
            }
    }

    /// The first time after another that the expression names, on a clock that is never changed.
    ///
    /// - Parameter local: The time, in seconds since 1970-01-01T00:00:00 of that clock.
    /// - Returns: The time, counted the same way; `nil` when there is none within 400 years.
    func nextNamed(after local: Int) -> Int? {
        let start = local + 1
        let day = start.flooredQuotient(by: Self.daySeconds)
        if names(CivilDay(daysSince1970: day), day), let time = timeOfDay(from: start - day * Self.daySeconds) {
            return day * Self.daySeconds + time
        }
        guard let next = nextDay(after: day), let time = timeOfDay(from: 0) else { return nil }
        return next * Self.daySeconds + time
    }

    private static let daySeconds = 86_400

    private func names(_ date: CivilDay, _ days: Int) -> Bool {
        guard month.contains(date.month) else { return false }
        let isDate = dayOfMonth.contains(date.day)
        let isWeekday = dayOfWeek.contains(CivilDay.weekday(daysSince1970: days))
        return joinsDays ? isDate || isWeekday : isDate && isWeekday
    }

    private func nextDay(after day: Int) -> Int? {
        var days = day + 1
        var date = CivilDay(daysSince1970: days)
        // The calendar repeats itself after 400 years.
        for _ in 0...(400 * 12) {
            if month.contains(date.month) {
                for _ in date.day...date.daysInMonth {
                    if names(date, days) { return days }
                    days += 1
                    date.day += 1
                }
            }
            date = CivilDay(
                year: date.month == 12 ? date.year + 1 : date.year,
                month: date.month == 12 ? 1 : date.month + 1,
                day: 1
            )
            days = date.daysSince1970
        }
        return nil
    }

    /// The first named time of a day that is not before a time of the day, in seconds since midnight.
    private func timeOfDay(from start: Int) -> Int? {
        let (startHour, startMinute, startSecond) = (start / 3_600, start / 60 % 60, start % 60)
        var from = startHour
        while let hour = hour.first(from: from) {
            let isStartHour = hour == startHour
            var fromMinute = isStartHour ? startMinute : 0
            while let minute = minute.first(from: fromMinute) {
                let isStart = isStartHour && minute == startMinute
                if let second = second.first(from: isStart ? startSecond : 0) {
                    return hour * 3_600 + minute * 60 + second
                }
                fromMinute = minute + 1
            }
            from = hour + 1
        }
        return nil
    }
}
