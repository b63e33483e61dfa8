// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

@testable import FaustCore
import Foundation
import Testing

/// Reads and writes times such as `2026-03-29T02:30+01:00`; UTC where no offset is given.
enum CronTime {
    static func parse(_ text: String) throws -> Timestamp {
        var (clock, offset) = (text, 0)
        if let mark = text.lastIndex(where: { $0 == "+" || $0 == "-" }), text[..<mark].contains("T") {
            let parts = text[text.index(after: mark)...].split(separator: ":").compactMap { Int($0) }
            offset = (parts[0] * 3_600 + parts[1] * 60) * (text[mark] == "-" ? -1 : 1)
            clock = String(text[..<mark])
        }
        let numbers = clock.split { "-T:".contains($0) }.compactMap { Int($0) }
        try #require(numbers.count >= 5)
        var parts = DateComponents()
        (parts.year, parts.month, parts.day) = (numbers[0], numbers[1], numbers[2])
        (parts.hour, parts.minute) = (numbers[3], numbers[4])
        parts.second = numbers.count > 5 ? numbers[5] : 0
        let date = try #require(calendar(in: .gmt).date(from: parts))
        return Timestamp(date.addingTimeInterval(-Double(offset)))
    }

    /// The time as the clock of a zone shows it, with the offset from UTC.
    static func show(_ time: Timestamp?, in zone: TimeZone) -> String {
        guard let time else { return "never" }
        let parts = calendar(in: zone).dateComponents([.year, .month, .day, .hour, .minute, .second], from: time.date)
        let numbers = [parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second].map { $0 ?? -1 }
        let clock = zip(numbers, ["", "-", "-", "T", ":", ":"]).map { $1 + ($0 < 10 ? "0" : "") + "\($0)" }.joined()
        let offset = zone.secondsFromGMT(for: time.date) / 60
        let sign = offset < 0 ? "-" : "+"
        let (hours, minutes) = (abs(offset) / 60, abs(offset) % 60)
        return clock.replacing(/:00$/, with: "")
            + "\(sign)\(hours < 10 ? "0" : "")\(hours):\(minutes == 0 ? "00" : "\(minutes)")"
    }

    static func calendar(in zone: TimeZone) -> Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        return calendar
    }
}

@Suite("Crontab expressions") struct CronExpressionTests {
    private func fires(_ text: String, after start: String, in zone: String = "UTC", _ count: Int) throws -> [String] {
        let expression = try CronExpression(text)
        let zone = try #require(TimeZone(identifier: zone))
        var time = try CronTime.parse(start)
        var fires: [String] = []
        for _ in 0..<count {
            guard let next = expression.next(after: time, in: zone) else { return fires + ["never"] }
            #expect(next > time)
            fires.append(CronTime.show(next, in: zone).replacing("+00:00", with: ""))
            time = next
        }
        return fires
    }

    @Test(
        "the next times of an expression",
        arguments: [
            ("0 20 * * *", "2026-11-21T11:38", ["2026-11-21T20:00", "2026-11-22T20:00"]),
            ("0 20 * * *", "2026-11-21T20:00", ["2026-11-22T20:00"]),
            ("*/15 9-10 * * *", "2026-01-01T09:50", ["2026-01-01T10:00", "2026-01-01T10:15", "2026-01-01T10:30"]),
            ("5/20 * * * *", "2026-01-01T00:00", ["2026-01-01T00:05", "2026-01-01T00:25", "2026-01-01T00:45"]),
            ("10-30/10 0 * * *", "2026-01-01T00:00", ["2026-01-01T00:10", "2026-01-01T00:20", "2026-01-01T00:30"]),
            ("30 18 1,15 jan-feb *", "2026-01-02T00:00", ["2026-01-15T18:30", "2026-02-01T18:30", "2026-02-15T18:30"]),
            ("0 0 * * mon-FRI", "2026-11-20T12:00", ["2026-11-23T00:00", "2026-11-24T00:00"]),
            ("0 0 * * 0", "2026-11-21T12:00", ["2026-11-22T00:00", "2026-11-29T00:00"]),
            ("0 0 * * 7", "2026-11-21T12:00", ["2026-11-22T00:00", "2026-11-29T00:00"]),
            ("0 0 * * 5-7", "2026-11-21T12:00", ["2026-11-22T00:00", "2026-11-27T00:00", "2026-11-28T00:00"]),
            ("0 0 * * fri-sun", "2026-11-21T12:00", ["2026-11-22T00:00", "2026-11-27T00:00", "2026-11-28T00:00"]),
            ("0 22-4/3 * * *", "2026-01-01T00:00", ["2026-01-01T01:00", "2026-01-01T04:00", "2026-01-01T22:00"]),
            ("0 0 1 11-2/2 *", "2026-01-02T00:00", ["2026-11-01T00:00", "2027-01-01T00:00"]),
            ("0 0 13 * fri", "2026-11-12T12:00", ["2026-11-13T00:00", "2026-11-20T00:00", "2026-11-27T00:00"]),
            ("0 0 */2 * fri", "2026-11-12T12:00", ["2026-11-13T00:00", "2026-11-27T00:00", "2026-12-11T00:00"]),
            ("0 0 ? * fri", "2026-11-12T12:00", ["2026-11-13T00:00", "2026-11-20T00:00"]),
            ("0 0 31 * *", "2026-01-31T00:00", ["2026-03-31T00:00", "2026-05-31T00:00"]),
            ("0 0 29 2 *", "2026-01-01T00:00", ["2028-02-29T00:00", "2032-02-29T00:00"]),
            ("0 0 29 2 *", "2096-03-01T00:00", ["2104-02-29T00:00"]),
            ("0 0 30 2 mon", "2026-11-21T00:00", ["2027-02-01T00:00", "2027-02-08T00:00"]),
            ("0 0 */28 2 mon", "2026-11-21T00:00", ["2027-02-01T00:00", "2038-02-01T00:00"]),
            ("  0\t0  1 1 *  ", "2026-01-01T00:00", ["2027-01-01T00:00"]),
            ("0 12 * * * 15", "2026-01-01T00:00", ["2026-01-01T12:00:15", "2026-01-02T12:00:15"]),
            ("* * * * * */20", "2026-01-01T00:00:41", ["2026-01-01T00:01", "2026-01-01T00:01:20"]),
            ("59 23 31 12 * 59", "2026-12-31T23:59:58", ["2026-12-31T23:59:59", "2027-12-31T23:59:59"]),
            ("0 0 1 1 *", "1969-06-01T00:00", ["1970-01-01T00:00"]),
            ("0 0 1 1 *", "1899-12-31T23:59:59", ["1900-01-01T00:00"]),
        ]
    )
    func table(text: String, start: String, expected: [String]) throws {
        #expect(try fires(text, after: start, expected.count) == expected)
    }

    @Test(
        "words stand for expressions",
        arguments: [
            ("@yearly", "2027-01-01T00:00"), ("@annually", "2027-01-01T00:00"), ("@monthly", "2026-12-01T00:00"),
            ("@weekly", "2026-11-22T00:00"), ("@daily", "2026-11-22T00:00"), ("@Midnight", "2026-11-22T00:00"),
            ("@hourly", "2026-11-21T12:00"),
        ]
    )
    func words(word: String, expected: String) throws {
        #expect(try fires(word, after: "2026-11-21T11:38", 1) == [expected])
    }

    @Test(
        "a mistake names the field",
        arguments: [
            ("61 * * * *", "minute 61 is not within 0 to 59"),
            ("* 24 * * *", "hour 24 is not within 0 to 23"),
            ("* * 0 * *", "day of the month 0 is not within 1 to 31"),
            ("* * * 13 *", "month 13 is not within 1 to 12"),
            ("* * * * 8", "day of the week 8 is not within 0 to 7"),
            ("* * * * * 60", "second 60 is not within 0 to 59"),
            ("* * * juni *", "'juni' is no month"),
            ("* * * mon *", "'mon' is no month"),
            ("* * * * monday", "'monday' is no day of the week"),
            ("1,,2 * * * *", "'' is no minute"),
            ("1- * * * *", "'' is no minute"),
            ("-1 * * * *", "'' is no minute"),
            ("+1 * * * *", "'+1' is no minute"),
            ("? * * * *", "'?' is no minute"),
            ("*/0 * * * *", "the step '0' of the minute"),
            ("*/61 * * * *", "the step '61' of the minute"),
            ("* */ * * *", "the step '' of the hour"),
            ("99999999999999999999 * * * *", "'99999999999999999999' is no minute"),
            ("0 0 30 2 *", "no month that it names has such a day"),
            ("0 0 31 feb,apr,jun *", "no month that it names has such a day"),
            ("* * * *", "it has 4 fields"),
            ("* * * * * * *", "it has 7 fields"),
            ("", "it has 0 fields"),
            ("@often", "there is no such word"),
            ("@reboot", "app.task"),
        ]
    )
    func mistakes(text: String, message: String) {
        let error = #expect(throws: FaustError.self) { try CronExpression(text) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("crontab '\(text)'") == true)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test(
        "changes of the clock",
        arguments: [
            // Berlin leaves out 02:00 to 03:00 on 29 March and repeats it on 25 October.
            ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00+01:00", "2026-03-29T03:00+02:00 2026-03-30T02:30+02:00"),
            (
                "0,30 2 * * *", "Europe/Berlin", "2026-03-28T12:00+01:00",
                "2026-03-29T03:00+02:00 2026-03-30T02:00+02:00"
            ),
            ("0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00+01:00", "2026-03-29T03:00+02:00 2026-03-30T02:00+02:00"),
            ("0 3 * * *", "Europe/Berlin", "2026-03-28T12:00+01:00", "2026-03-29T03:00+02:00 2026-03-30T03:00+02:00"),
            (
                "*/30 2 * * *", "Europe/Berlin", "2026-03-28T12:00+01:00",
                "2026-03-30T02:00+02:00 2026-03-30T02:30+02:00"
            ),
            ("@hourly", "Europe/Berlin", "2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00 2026-03-29T04:00+02:00"),
            ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00+02:00", "2026-10-25T02:30+02:00 2026-10-26T02:30+01:00"),
            ("30 2 * * *", "Europe/Berlin", "2026-10-25T02:10+01:00", "2026-10-26T02:30+01:00"),
            ("15 2-3 * * *", "Europe/Berlin", "2026-10-25T02:00+01:00", "2026-10-25T03:15+01:00"),
            ("0 3 * * *", "Europe/Berlin", "2026-10-24T12:00+02:00", "2026-10-25T03:00+01:00 2026-10-26T03:00+01:00"),
            ("30 * * * *", "Europe/Berlin", "2026-10-25T01:30+02:00", "2026-10-25T02:30+02:00 2026-10-25T02:30+01:00"),
            (
                "*/20 2 * * *", "Europe/Berlin", "2026-10-25T02:30+02:00",
                "2026-10-25T02:40+02:00 2026-10-25T02:00+01:00"
            ),
            // Lord Howe moves by half an hour: 02:00 to 02:30 on 4 October, and back on 5 April.
            (
                "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00+10:30",
                "2026-10-04T02:30+11:00 2026-10-05T02:15+11:00"
            ),
            (
                "0,15,30,45 2 * * *", "Australia/Lord_Howe", "2026-10-04T01:00+10:30",
                "2026-10-04T02:30+11:00 2026-10-04T02:45+11:00"
            ),
            (
                "45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00+11:00",
                "2026-04-05T01:45+11:00 2026-04-06T01:45+10:30"
            ),
            (
                "45 * * * *", "Australia/Lord_Howe", "2026-04-05T00:50+11:00",
                "2026-04-05T01:45+11:00 2026-04-05T01:45+10:30"
            ),
            // Santiago leaves out midnight itself: days that begin at one.
            ("@daily", "America/Santiago", "2026-09-05T12:00-04:00", "2026-09-06T01:00-03:00 2026-09-07T00:00-03:00"),
            // Apia left out a whole day, 30 December 2011.
            ("0 12 30 12 *", "Pacific/Apia", "2011-06-01T00:00-11:00", "2011-12-31T00:00+14:00 2012-12-30T12:00+14:00"),
        ]
    )
    func zones(text: String, zone: String, start: String, expected: String) throws {
        let expected = expected.split(separator: " ").map(String.init)
        #expect(try fires(text, after: start, in: zone, expected.count) == expected)
    }

    @Test("times that the clock always leaves out are never found, and the search ends") func never() throws {
        let expression = try CronExpression("*/10 2 29 3 *")
        // A clock that leaves out 02:00 to 03:00 of every 29 March.
        let zone = { (second: Int) -> Int in
            let year = CivilDay(daysSince1970: second.flooredQuotient(by: 86_400)).year
            let gap = CivilDay(year: year, month: 3, day: 29).daysSince1970 * 86_400 + 2 * 3_600
            return second >= gap && second < gap + 86_400 ? 3_600 : 0
        }
        #expect(expression.next(after: 0, offset: zone) == nil)
    }

    @Test("times far away are no reason to crash") func extremes() throws {
        let expression = try CronExpression("@yearly")
        for milliseconds in [Int64.min, .max, .max / 2] {
            #expect(expression.next(after: Timestamp(milliseconds: milliseconds), in: .gmt) == nil)
        }
        #expect(expression.next(after: Timestamp(.distantFuture), in: .gmt) != nil)
        #expect(expression.next(after: Timestamp(.distantPast), in: .gmt) != nil)
    }

    @Test("fractions of a second belong to the second before the next fire") func fractions() throws {
        let expression = try CronExpression("* * * * * *")
        #expect(expression.next(after: Timestamp(milliseconds: 999), in: .gmt)?.milliseconds == 1_000)
        #expect(expression.next(after: Timestamp(milliseconds: 1_000), in: .gmt)?.milliseconds == 2_000)
        #expect(expression.next(after: Timestamp(milliseconds: -1), in: .gmt)?.milliseconds == 0)
    }
}
