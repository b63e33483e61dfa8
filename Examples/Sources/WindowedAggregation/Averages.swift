// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Foundation

/// Puts out the mean of each sensor's readings for every ten seconds.
struct Averages {
    let app = App("windowed-aggregation")
    let readings: Topic<String, Reading>
    let means: Topic<String, Mean>
    let tallies: WindowedTable<String, Tally>

    /// Declares the app.
    ///
    /// - Parameters:
    ///   - sensors: The made-up sensors whose readings the program sends itself.
    ///   - output: Prints a line.
    init(sensors: [String], output: @escaping @Sendable (String) -> Void = { print($0) }) {
        let readings = app.topic("readings", key: String.self, value: Reading.self)
        let means = app.topic("means", key: String.self, value: Mean.self)
        let tallies = app.table("tallies", key: String.self, default: Tally(), help: "Counts and sums of readings.")
            .tumbling(.seconds(10), expires: .seconds(60), grace: .seconds(1))
        let tallyOf = tallies.relative(to: \Reading.date)
        (self.readings, self.means, self.tallies) = (readings, means, tallies)

        app.agent("tally", readings, help: "Adds up the readings of each sensor.") { stream in
            for try await (sensor, reading) in stream.items() {
                try tallyOf[sensor, of: reading].update { $0.add(reading) }
            }
        }
        // Part of a commit: the means are sent together with it.
        tallies.onClose { sensor, window, tally in
            let mean = Mean(date: window.start.date, count: tally.count, mean: tally.sum / Double(tally.count))
            try await means.post(mean, key: sensor)
        }
        tallies.onLate { sensor, time in
            output("too late: \(sensor) at \(time.date.ISO8601Format())")
        }

        app.agent("print", means, help: "Prints the means.") { stream in
            for try await (sensor, mean) in stream.items() {
                let rounded = (mean.mean * 100).rounded() / 100
                output("\(sensor) from \(mean.date.ISO8601Format()): \(mean.count) readings, mean \(rounded)")
            }
        }

        app.timer(every: .milliseconds(100), name: "measure") {
            for sensor in sensors {
                let reading = Reading(date: Date(), value: Double.random(in: 15..<25))
                try await readings.post(reading, key: sensor)
            }
        }
    }
}
