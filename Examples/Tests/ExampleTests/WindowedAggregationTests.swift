// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustTesting
import Foundation
import Testing

@testable import WindowedAggregation

@Suite(.timeLimit(.minutes(5))) struct WindowedAggregationTests {
    private let lines = Lines()

    private func date(_ seconds: Double) -> Date { Date(timeIntervalSince1970: 1_500_000_000 + seconds) }

    @Test func theMeanOfEachWindowIsPutOutWhenItCloses() async throws {
        let averages = Averages(sensors: []) { [lines] in lines.append($0) }
        let readings: [(Double, Double)] = [(0, 20), (9.999, 21), (10, 30), (5, 24), (10.9, 31), (11, 35), (2, 99)]
        try await averages.app.test { kit in
            for (second, value) in readings {
                try await kit.send(Reading(date: date(second), value: value), key: "attic", to: averages.readings)
            }
            try await kit.settle()
            // The first window closes a second behind its end, so the last reading is too late for it.
            let means = kit.output(of: averages.means)
            #expect(try await means.values() == [Mean(date: date(0), count: 3, mean: 65 / 3)])
            #expect(
                lines.all.sorted() == [
                    "attic from 2017-07-14T02:40:00Z: 3 readings, mean 21.67",
                    "too late: attic at 2017-07-14T02:40:02Z",
                ]
            )
            // The second one closes with the clock, when no readings come.
            try await kit.advance(by: .seconds(30))
            #expect(try await means.values() == [Mean(date: date(10), count: 3, mean: 32)])
        }
    }

    @Test("every window is put out once, whatever crashes", arguments: 0..<10 as Range<UInt64>)
    func crashes(seed: UInt64) async throws {
        let averages = Averages(sensors: []) { _ in }
        let kit = try await TestKit(seed: seed) { $0.processingGuarantee = .exactlyOnce }
        let worker = try await kit.start(averages.app)
        var expected: [String: [Date: [Double]]] = [:]
        for number in 0..<300 {
            let (sensor, value) = ("sensor \(number % 3)", Double(number * 17 % 40))
            let window = date(Double(number / 20 * 10))
            expected[sensor, default: [:]][window, default: []].append(value)
            let reading = Reading(date: window + Double(number % 20) / 2, value: value)
            try await kit.send(reading, key: sensor, to: averages.readings)
            if number % 75 == 50 {
                try await kit.process()
                try await worker.crash()
                try await worker.restart()
            }
        }
        try await kit.settle()
        try await kit.advance(by: .seconds(30))
        try await kit.settle()

        var found: [String: [Date: [Mean]]] = [:]
        for message in try await kit.output(of: averages.means).all() {
            found[message.key, default: [:]][message.value.date, default: []].append(message.value)
        }
        let means = expected.mapValues { windows in
            Dictionary(
                uniqueKeysWithValues: windows.map { date, values in
                    (date, [Mean(date: date, count: values.count, mean: values.reduce(0, +) / Double(values.count))])
                }
            )
        }
        #expect(found == means)
        try await kit.end()
    }

    @Test("the program's own sensors send ten readings a second") func sensors() async throws {
        let averages = Averages(sensors: ["kitchen", "cellar"]) { _ in }
        try await averages.app.test { kit in
            try await kit.advance(by: .seconds(3))
            let readings = try await kit.output(of: averages.readings).all()
            #expect(readings.filter { $0.key == "kitchen" }.count == 30)
            #expect(readings.filter { $0.key == "cellar" }.count == 30)
            #expect(readings.allSatisfy { (15..<25).contains($0.value.value) })
        }
    }
}
