// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust

/// An order of a shop.
@Record
public struct Order {
    /// Whose order it is.
    public var accountID: String
    /// What is ordered.
    public var productID: String
    /// How much of it.
    public var amount: Double = 1
    /// What one of it costs.
    public var price: Double
}

/// Money that was taken from an account.
@Record
public struct Withdrawal {
    /// The account.
    public var account: String
    /// How much was taken.
    public var amount: Double
}

/// Somebody has looked at a page.
@Record
public struct Visit {
    /// Who it was.
    public var accountID: String
    /// The language of the page; empty if unknown.
    public var language: String = ""
    /// What is known of the visitor's client.
    public var client: String = ""
}
