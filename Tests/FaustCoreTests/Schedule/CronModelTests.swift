// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Foundation
import Testing

/// Cron as a program that looks at the clock every minute: it knows nothing of searching, and asks Foundation's calendar
/// what the clock shows.
private struct CronModel {
    let fields: [Set<Int>]
    let isDayStar: (month: Bool, week: Bool)
    let isPeriodic: Bool
    let calendar: Calendar
    private static let clock = CronTime.calendar(in: .gmt)

    /// Expands fields that consist of `*`, `*/n`, numbers and lists of numbers.
    init(_ text: String, _ zone: TimeZone) {
        let texts = text.split(separator: " ")
        let ranges = [0...59, 0...23, 1...31, 1...12, 0...6]
        fields = zip(texts, ranges)
            .map { text, range in
                if text == "*" { return Set(range) }
                if text.hasPrefix("*/"), let step = Int(text.dropFirst(2)) {
                    return Set(range.filter { ($0 - range.lowerBound) % step == 0 })
                }
                return Set(text.split(separator: ",").compactMap { Int($0) })
            }
        isDayStar = (texts[2].hasPrefix("*"), texts[4].hasPrefix("*"))
        isPeriodic = texts[0].hasPrefix("*") || texts[1].hasPrefix("*")
        calendar = CronTime.calendar(in: zone)
    }

    /// The minutes of the clock at a moment, as seconds since 1970 of that clock.
    private func local(_ moment: Int) -> Int {
        moment + calendar.timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment)))
    }

    private func matches(local: Int) -> Bool {
        // The minute alone is no matter of calendars, and most often decides.
        guard fields[0].contains(local / 60 % 60) else { return false }
        let parts = Self.clock
            .dateComponents([.minute, .hour, .day, .month, .weekday], from: Date(timeIntervalSince1970: Double(local)))
        let numbers = [parts.minute, parts.hour, parts.day, parts.month, parts.weekday.map { $0 - 1 }]
        let fits = zip(fields, numbers).map { $0.contains($1 ?? -1) }
        let day = isDayStar.month || isDayStar.week ? fits[2] && fits[4] : fits[2] || fits[4]
        return fits[0] && fits[1] && fits[3] && day
    }

    /// All fires of a stretch, minute by minute.
    func fires(from start: Int, through end: Int) -> [Int] {
        var fires: [Int] = []
        // The furthest that the clock has shown: what it shows below that is a repetition.
        var furthest = local(start - 60)
        for moment in stride(from: start, through: end, by: 60) {
            let now = local(moment)
            let isDue: Bool
            if isPeriodic {
                isDue = matches(local: now)
            } else {
                isDue =
                    now > furthest && stride(from: furthest + 60, through: now, by: 60).contains { matches(local: $0) }
            }
            if isDue { fires.append(moment) }
            furthest = max(furthest, now)
        }
        return fires
    }
}

@Suite("Crontab expressions beside a model that looks every minute") struct CronModelTests {
    static let zones = [
        "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu",
        "Africa/Casablanca", "Pacific/Chatham",
    ]

    /// Moments of 2025 and 2026 at which the clock of a zone is changed, found by looking every hour.
    private func changes(of zone: TimeZone) -> [Int] {
        let start = 1_735_689_600
        func offset(_ second: Int) -> Int { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))) }
        return stride(from: start, to: start + 2 * 365 * 86_400, by: 3_600).filter { offset($0) != offset($0 - 3_600) }
    }

    private func field(_ range: ClosedRange<Int>, _ random: inout SeededRandom) -> String {
        switch Int.random(in: 0..<5, using: &random) {
        case 0, 1: return "*"
        case 2: return "*/\(Int.random(in: 1...range.count, using: &random))"
        case 3: return "\(Int.random(in: range, using: &random))"
        default:
            return (0..<Int.random(in: 2...5, using: &random)).map { _ in "\(Int.random(in: range, using: &random))" }
                .joined(separator: ",")
        }
    }

    /// An expression that fires rather often, and most of all at night.
    private func expression(_ random: inout SeededRandom) -> String {
        let isDaily = Int.random(in: 0..<3, using: &random) > 0
        return [
            field(0...59, &random), field(Bool.random(using: &random) ? 0...4 : 0...23, &random),
            isDaily ? "*" : field(1...31, &random), isDaily ? "*" : field(1...12, &random),
            isDaily ? "*" : field(0...6, &random),
        ]
        .joined(separator: " ")
    }

    @Test("both fire at the same moments around changes of the clock", arguments: zones)
    func model(zone name: String) throws {
        let zone = try #require(TimeZone(identifier: name))
        var random = SeededRandom(seed: 5)
        let changes = changes(of: zone)
        #expect((name == "UTC" || name == "Asia/Kathmandu") == changes.isEmpty)
        var compared = 0
        for round in 0..<24 {
            let text = expression(&random)
            guard let cron = try? CronExpression(text) else { continue }
            let middle = changes.isEmpty ? 1_772_000_000 / 60 * 60 : changes[round % changes.count]
            let start = middle - Int.random(in: 60...2_000, using: &random) * 60
            let end = middle + 2_000 * 60
            let expected = CronModel(text, zone).fires(from: start + 60, through: end)
            var found: [Int] = []
            var time = Timestamp(milliseconds: Int64(start) * 1_000)
            while let next = cron.next(after: time, in: zone), next.milliseconds <= Int64(end) * 1_000 {
                found.append(Int(next.milliseconds / 1_000))
                time = next
            }
            #expect(found == expected, "\(text) in \(name) from \(start)")
            compared += expected.count
        }
        #expect(compared > 500)
    }

    @Test("the next fire does not depend on where the search begins", arguments: zones)
    func anywhere(zone name: String) throws {
        let zone = try #require(TimeZone(identifier: name))
        var random = SeededRandom(seed: 11)
        let middle = changes(of: zone).first ?? 1_772_000_000 / 60 * 60
        for _ in 0..<30 {
            let text = expression(&random)
            guard let cron = try? CronExpression(text) else { continue }
            let fires = CronModel(text, zone).fires(from: middle - 86_400, through: middle + 86_400)
            for moment in stride(from: middle - 43_200, to: middle + 43_200, by: 1_260) {
                guard let expected = fires.first(where: { $0 > moment }) else { break }
                let next = cron.next(after: Timestamp(milliseconds: Int64(moment) * 1_000), in: zone)
                #expect(next?.milliseconds == Int64(expected) * 1_000, "\(text) in \(name) after \(moment)")
            }
        }
    }

    @Test("a year of a daily time has one fire a day", arguments: zones)
    func daily(zone name: String) throws {
        let zone = try #require(TimeZone(identifier: name))
        for text in ["30 2 * * *", "0 0 * * *", "45 1 * * *"] {
            let cron = try CronExpression(text)
            var time = try CronTime.parse("2026-01-01T12:00")
            var days: [String] = []
            for _ in 0..<365 {
                time = try #require(cron.next(after: time, in: zone))
                days.append(String(CronTime.show(time, in: zone).prefix(10)))
            }
            #expect(Set(days).count == 365)
            #expect(days.last?.hasPrefix("2027-01-0") == true)
        }
    }
}
