// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust

/// What goes into an account or out of it.
@Record
public struct Payment {
    /// The account.
    public var account: String
    /// How much; below zero when it goes out.
    public var amount: Int
}

/// An app to be tested; a program runs `await Bank().app.main()`.
public struct Bank: Sendable {
    /// No payment may be zero.
    public struct Refused: Error {}

    /// The app.
    public let app = App("bank")
    /// What is to be booked.
    public let payments: Topic<String, Payment>
    /// Warnings about accounts that are overdrawn.
    public let warnings: Topic<String?, String>
    /// The balance of each account.
    public let balances: Table<String, Int>
    /// The agent that books.
    public let book: Agent<String, Payment>

    /// Declares the app.
    public init() {
        let balances = app.table("balances", key: String.self, default: 0)
        let warnings = app.topic("warnings", key: String?.self, value: String.self)
        payments = app.topic("payments", key: String.self, value: Payment.self)
        book = app.agent("book", payments, onError: .skip, sinks: [.topic(warnings)]) { stream in
            stream.compactMap { payment in
                if payment.amount == 0 { throw Refused() }
                balances[payment.account] += payment.amount
                return balances[payment.account] < 0 ? "\(payment.account) is overdrawn" : nil
            }
        }
        app.timer(every: .seconds(3_600)) {
            for try await (account, balance) in balances.items() where balance < 0 {
                try await warnings.send("\(account) is still overdrawn", key: account)
            }
        }
        (self.balances, self.warnings) = (balances, warnings)
    }
}
