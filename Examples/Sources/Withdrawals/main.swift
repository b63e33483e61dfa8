// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// Faust's classic example: withdrawals come in, large ones are reported, and each country's total is kept.
//
//     swift run Withdrawals worker
//
// The program sends itself a thousand withdrawals; send more from another terminal:
//
//     swift run Withdrawals send withdrawals -k bob \
//         '{"account": "bob", "amount": 9900, "country": "SE", "date": "2026-11-21T08:00:00Z"}'

import Faust

let app = App("withdrawals")
let withdrawals = app.topic("withdrawals", key: String.self, value: Withdrawal.self)
/// The large withdrawals, for the agent that reports them.
let suspicious = app.channel("suspicious", of: Withdrawal.self)

app.agent("track", withdrawals, help: "Sums up withdrawals by country and picks out the large ones.") { stream in
    var totals: [String: Double] = [:]
    for try await (index, withdrawal) in stream.enumerated(from: 1) {
        totals[withdrawal.country, default: 0] += withdrawal.amount
        if withdrawal.amount > 9_900 { try await suspicious.send(withdrawal) }
        if index.isMultiple(of: 250) { print(summary(of: totals, after: index)) }
    }
}

app.agent("report", suspicious, help: "Prints large withdrawals.") { stream in
    for try await withdrawal in stream {
        print("large: \(withdrawal.account) took \(withdrawal.amount) in \(withdrawal.country)")
    }
}

app.task {
    // `post` does not wait for each; the next commit waits for all.
    for withdrawal in Withdrawal.samples(1_000) {
        try await withdrawals.post(withdrawal, key: withdrawal.account)
    }
}

func summary(of totals: [String: Double], after count: Int) -> String {
    let countries = totals.sorted { $0.key < $1.key }.map { "\($0.key) \(Int($0.value))" }
    return "after \(count) withdrawals: " + countries.joined(separator: ", ")
}

await app.main()
