// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Foundation
import Testing

@Suite("Dates in JSON")
struct JSONDateTests {
    private struct Milliseconds: JSONDecodable, JSONEncodable {
        var date: Date
        init(_ date: Date) { self.date = date }
        init(from reader: inout JSONReader) throws(JSONError) { date = try reader.readDate(.epochMilliseconds) }
        func encode(to writer: inout JSONWriter) throws(JSONError) { try writer.write(date, as: .epochMilliseconds) }
    }

    private struct Seconds: JSONDecodable, JSONEncodable {
        var date: Date
        init(_ date: Date) { self.date = date }
        init(from reader: inout JSONReader) throws(JSONError) { date = try reader.readDate(.epochSeconds) }
        func encode(to writer: inout JSONWriter) throws(JSONError) { try writer.write(date, as: .epochSeconds) }
    }

    @Test(
        "ISO 8601 is read in its usual forms",
        arguments: [
            ("2024-01-02T03:04:05Z", 1_704_164_645), ("2024-01-02T03:04:05.5Z", 1_704_164_645.5),
            ("2024-01-02T03:04:05,25Z", 1_704_164_645.25),
            ("2024-01-02T03:04:05+00:00", 1_704_164_645), ("2024-01-02T05:04:05+02:00", 1_704_164_645),
            ("2024-01-01T22:34:05-0430", 1_704_164_645),
            ("2024-01-02T04:04:05+01", 1_704_164_645), ("2024-01-02 03:04:05", 1_704_164_645),
            ("2024-01-02t03:04:05z", 1_704_164_645), ("2024-01-02T03:04Z", 1_704_164_640),
            ("2024-01-02", 1_704_153_600), ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.5Z", -0.5),
            ("2024-02-29T00:00:00Z", 1_709_164_800),
            ("2000-02-29T12:00:00Z", 951_825_600), ("0001-01-01T00:00:00Z", -62_135_596_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799), ("2016-12-31T23:59:60Z", 1_483_228_800),
            ("2024-01-02T03:04:05.000001Z", 1_704_164_645.000001), ("1600-03-01T00:00:00Z", -11_670_912_000),
        ] as [(String, Double)]
    )
    func reading(text: String, seconds: Double) throws {
        let date = try JSON.decode(Date.self, from: Bytes("\"\(text)\""))
        #expect(abs(date.timeIntervalSince1970 - seconds) < 1e-6)
    }

    @Test(
        "what is no date of the calendar is refused",
        arguments: [
            "", "x", "2024", "2024-01", "2024-1-2", "2024-13-01", "2024-00-01", "2024-01-00", "2024-01-32",
            "2024-04-31", "2023-02-29", "1900-02-29", "2024-02-30",
            "2024-01-02T", "2024-01-02T03", "2024-01-02T03:04:", "2024-01-02T24:00:00Z", "2024-01-02T03:60:00Z",
            "2024-01-02T03:04:61Z", "2024-01-02T03:04:05.Z",
            "2024-01-02T03:04:05+", "2024-01-02T03:04:05+24:00", "2024-01-02T03:04:05+01:60", "2024-01-02T03:04:05ZZ",
            "2024-01-02T03:04:05Z ", " 2024-01-02", "0000-01-01",
            "2024-01-02X03:04:05", "20240102T030405Z", "+2024-01-02", "-024-01-02", "2024-01-02T03:04:05 UTC",
            "２０２４-01-02", "2024\\u002d01-02",
        ]
    )
    func refusing(text: String) {
        #expect(throws: JSONError.self) { try JSON.decode(Date.self, from: Bytes("\"\(text)\"")) }
    }

    @Test(
        "dates are written in UTC with as many decimal places as they need",
        arguments: [
            (1_704_164_645, "2024-01-02T03:04:05Z"), (1_704_164_645.5, "2024-01-02T03:04:05.5Z"),
            (0, "1970-01-01T00:00:00Z"), (-0.5, "1969-12-31T23:59:59.5Z"),
            (-62_135_596_800, "0001-01-01T00:00:00Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
            (1_709_164_800, "2024-02-29T00:00:00Z"),
            (1_704_164_645.123, "2024-01-02T03:04:05.123Z"), (1_704_164_645.000_001, "2024-01-02T03:04:05.000001Z"),
            (1_704_164_645.999_999_8, "2024-01-02T03:04:06Z"), (951_782_400, "2000-02-29T00:00:00Z"),
            (-2_203_891_200, "1900-03-01T00:00:00Z"),
        ] as [(Double, String)]
    )
    func writing(seconds: Double, text: String) throws {
        #expect(String(try JSON.encode(Date(timeIntervalSince1970: seconds))) == "\"\(text)\"")
    }

    @Test("dates of whole microseconds survive to the last bit, others to the microsecond")
    func roundTrip() throws {
        var generator = SeededRandom(seed: 7)
        for _ in 0..<10_000 {
            let microseconds = Int.random(in: -1_500_000_000_000_000...1_500_000_000_000_000, using: &generator)
            let date = Date(timeIntervalSinceReferenceDate: Double(microseconds) / 1e6)
            #expect(try JSON.decode(Date.self, from: JSON.encode(date)) == date)
            let other = date.addingTimeInterval(1.234e-7)
            #expect(abs(try JSON.decode(Date.self, from: JSON.encode(other)).timeIntervalSince(other)) < 1e-6)
        }
        for _ in 0..<10_000 {
            let millisecond = (Double.random(in: -6.2e10...2.5e11, using: &generator) * 1000).rounded() / 1000
            let date = Date(timeIntervalSince1970: millisecond)
            #expect(abs(try JSON.decode(Date.self, from: JSON.encode(date)).timeIntervalSince(date)) < 1e-4)
            #expect(
                abs(
                    try JSON.decode(Milliseconds.self, from: JSON.encode(Milliseconds(date))).date
                        .timeIntervalSince(date)
                ) < 1e-3
            )
            #expect(
                abs(try JSON.decode(Seconds.self, from: JSON.encode(Seconds(date))).date.timeIntervalSince(date)) < 1e-4
            )
        }
    }

    @Test("the calendar agrees with Foundation's over four centuries")
    func calendar() throws {
        let formatter = ISO8601DateFormatter()
        for day in stride(from: -73_000, to: 73_000, by: 7) {
            let date = Date(timeIntervalSince1970: Double(day) * 86_400 + 45_296)
            let text = "\"\(formatter.string(from: date))\""
            #expect(String(try JSON.encode(date)) == text)
            #expect(try JSON.decode(Date.self, from: Bytes(text)) == date)
        }
    }

    @Test("epochs are numbers of seconds or milliseconds")
    func epochs() throws {
        #expect(try JSON.decode(Seconds.self, from: "1704164645.5").date.timeIntervalSince1970 == 1_704_164_645.5)
        #expect(try JSON.decode(Milliseconds.self, from: "1704164645500").date.timeIntervalSince1970 == 1_704_164_645.5)
        #expect(String(try JSON.encode(Seconds(Date(timeIntervalSince1970: 1_704_164_645.5)))) == "1704164645.5")
        #expect(String(try JSON.encode(Seconds(Date(timeIntervalSince1970: 1_704_164_645)))) == "1704164645")
        #expect(String(try JSON.encode(Milliseconds(Date(timeIntervalSince1970: 1_704_164_645.5)))) == "1704164645500")
    }

    @Test("dates that ISO 8601 has no digits for are refused")
    func outOfRange() {
        for seconds in [Double.infinity, -.infinity, .nan, 1e300, -1e300, 253_402_300_800, -62_135_596_801] {
            #expect(throws: JSONError.self) { try JSON.encode(Date(timeIntervalSince1970: seconds)) }
        }
        #expect(throws: JSONError.self) { try JSON.encode(Milliseconds(Date(timeIntervalSince1970: .infinity))) }
        #expect(throws: JSONError.self) { try JSON.encode(Seconds(Date(timeIntervalSince1970: .nan))) }
    }
}
