// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust

/// Sums up withdrawals by country, and reports the large ones.
struct Bank {
    let app = App("withdrawals")
    let withdrawals: Topic<String, Withdrawal>

    /// Declares the app.
    ///
    /// - Parameters:
    ///   - samples: How many made-up withdrawals the program sends itself.
    ///   - output: Prints a line.
    init(samples: Int, output: @escaping @Sendable (String) -> Void = { print($0) }) {
        let withdrawals = app.topic("withdrawals", key: String.self, value: Withdrawal.self)
        self.withdrawals = withdrawals
        // The large withdrawals, for the agent that reports them.
        let suspicious = app.channel("suspicious", of: Withdrawal.self)

        app.agent("track", withdrawals, help: "Sums up withdrawals by country and picks out the large ones.") {
            stream in
            var totals: [String: Double] = [:]
            for try await (index, withdrawal) in stream.enumerated(from: 1) {
                totals[withdrawal.country, default: 0] += withdrawal.amount
                if withdrawal.amount > 9_900 { try await suspicious.send(withdrawal) }
                if index.isMultiple(of: 250) { output(Self.summary(of: totals, after: index)) }
            }
        }

        app.agent("report", suspicious, help: "Prints large withdrawals.") { stream in
            for try await withdrawal in stream {
                output("large: \(withdrawal.account) took \(withdrawal.amount) in \(withdrawal.country)")
            }
        }

        app.task {
            // `post` does not wait for each; the next commit waits for all.
            for withdrawal in Withdrawal.samples(samples) {
                try await withdrawals.post(withdrawal, key: withdrawal.account)
            }
        }
    }

    private static func summary(of totals: [String: Double], after count: Int) -> String {
        let countries = totals.sorted { $0.key < $1.key }.map { "\($0.key) \(Int($0.value))" }
        return "after \(count) withdrawals: " + countries.joined(separator: ", ")
    }
}
