// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Foundation

/// What a sensor has measured.
@Record
struct Reading {
    var date: Date
    var value: Double
}

/// What is known of the readings of a window: enough for their mean, however many they are.
@Record
struct Tally {
    var count: Int = 0
    var sum: Double = 0

    /// Counts a reading in.
    mutating func add(_ reading: Reading) {
        count += 1
        sum += reading.value
    }
}

/// The mean of the readings of a window.
@Record
struct Mean: Equatable {
    /// When the window has begun.
    var date: Date
    var count: Int
    var mean: Double
}
