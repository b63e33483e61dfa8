// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust
public import Foundation

/// What somebody has bought, with the time at which it happened.
@Record
public struct Purchase {
    /// Who it was.
    public var customer: String
    /// The price in cents.
    public var cents: Int
    /// When it was, whenever the message was sent.
    public var date: Date
}

/// A key's visits: windows that last as long as it is active.
public func countVisitsOfUsers(
    in app: App,
    _ output: @escaping Output
) -> (clicks: Topic<String, String>, visits: WindowedTable<String, Int>) {
    let clicks = app.topic("clicks", key: String.self, value: String.self)
    let visits = app.table("visits", key: String.self, default: 0)
        .session(gap: .seconds(1_800), expires: .seconds(86_400), grace: .seconds(60), merge: +)

    app.agent("visits", clicks) { stream in
        for try await (user, _) in stream.items() { visits[user] += 1 }
    }
    visits.onClose { user, visit, clicks in
        output("\(user): \(clicks) clicks in \(visit.duration)")
    }
    return (clicks, visits)
}

/// The last hour at every minute, put together from panes of a minute.
public func countLastHour(
    in app: App,
    _ output: @escaping Output
) -> (pageViews: Topic<String, PageView>, lastHour: WindowedTable<String, Int>) {
    let pageViews = app.topic("page_views", key: String.self, value: PageView.self)
    let lastHour = app.table("last-hour", key: String.self, default: 0)
        .hopping(.seconds(3_600), step: .seconds(60), expires: .seconds(7_200), combine: +)

    app.agent("count", pageViews) { stream in
        for try await view in stream { lastHour[view.id] += 1 }
    }
    lastHour.onClose { page, window, count in
        output("\(page) in \(window): \(count)")
    }
    return (pageViews, lastHour)
}

/// What a customer has spent in the ten minutes before each purchase, by the times that the purchases have.
public func watchSpending(in app: App, _ output: @escaping Output) -> Topic<String, Purchase> {
    let purchases = app.topic("purchases", key: String.self, value: Purchase.self)
    let spent = app.table("spent", key: String.self, default: 0)
        .sliding(difference: .seconds(600), expires: .seconds(600), grace: .seconds(300), combine: +)
        .relative(to: \Purchase.date)

    app.agent("spending", purchases) { stream in
        for try await purchase in stream {
            let lately = spent[purchase.customer, of: purchase]
            lately += purchase.cents
            if lately.current > 100_000 { output("\(purchase.customer) has spent \(lately.current)") }
        }
    }
    return purchases
}

/// All pages of the minute that a time lies in, and all minutes of a page.
public func report(
    _ views: WindowedTable<String, Int>,
    at time: Timestamp,
    _ output: @escaping Output
) async throws {
    for try await (key, count) in views.items(relativeTo: time) {
        output("\(key.key): \(count)")
        for (window, count) in try views[key.key].windows() { output("    \(window): \(count)") }
    }
}
