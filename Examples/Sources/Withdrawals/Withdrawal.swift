// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Foundation

/// Money that was taken from an account.
@Record
struct Withdrawal {
    var account: String
    var amount: Double
    var country: String
    var date: Date
}

extension Withdrawal {
    /// Made-up withdrawals, the same in every run.
    ///
    /// - Parameter count: How many.
    /// - Returns: One per minute; about one in ten is above 9,000.
    static func samples(_ count: Int) -> [Withdrawal] {
        let countries = ["DE", "FR", "NO", "SE", "US"]
        // A linear congruential generator is random enough for a demonstration; the constants are Knuth's (MMIX).
        var state: UInt64 = 1_808
        func next(below limit: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % limit)
        }
        return (0..<count)
            .map { number in
                Withdrawal(
                    account: "account-\(next(below: 20))",
                    amount: Double(next(below: 1_000_000)) / 100,
                    country: countries[next(below: UInt64(countries.count))],
                    date: Date(timeIntervalSince1970: 1_500_000_000 + Double(number) * 60)
                )
            }
    }
}
