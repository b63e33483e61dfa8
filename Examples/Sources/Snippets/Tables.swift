// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust

/// Somebody has looked at a page; the program of Faust's introduction.
@Record
public struct PageView {
    /// The page.
    public var id: String
    /// Who it was.
    public var user: String
}

/// Counts by key in a table.
public func countPageViews(
    in app: App,
    _ output: @escaping Output
) -> (pageViews: Topic<String, PageView>, counts: Table<String, Int>) {
    let pageViews = app.topic("page_views", key: String.self, value: PageView.self)
    let counts = app.table("counts", key: String.self, default: 0)

    app.agent("count", pageViews) { stream in
        for try await view in stream {
            counts[view.id] += 1
            output("\(view.id): \(counts[view.id])")
        }
    }
    return (pageViews, counts)
}

/// Counts clicks that come under their URL: the first example of Faust's documentation.
public func countClicksInTable(
    in app: App
) -> (counts: Table<String, Int>, click: @Sendable (_ url: String, _ count: Int) async throws -> Void) {
    let clicks = app.topic("clicks", key: String.self, value: Int.self)
    let counts = app.table("click_counts", key: String.self, default: 0)

    app.agent("count-click", clicks) { stream in
        for try await (url, count) in stream.items() { counts[url] += count }
    }

    @Sendable func click(_ url: String, count: Int = 1) async throws {
        try await clicks.send(count, key: url)
    }
    return (counts, click)
}

/// A table without a default has optional values.
public func countVisits(in app: App, _ output: @escaping Output) -> Topic<String, Visit> {
    let visits = app.topic("visits", key: String.self, value: Visit.self)
    let latest = app.table("latest", key: String.self, value: Visit.self)

    app.agent("latest", visits) { stream in
        for try await visit in stream {
            let before = latest[visit.accountID]?.language ?? "nothing"
            latest[visit.accountID] = visit.language.isEmpty ? nil : visit
            output("\(visit.accountID): \(visit.language) after \(before)")
        }
    }
    return visits
}

/// Keeps the best of each player, and lists the best of all.
public func leaderBoard(
    in app: App
) -> (scores: Topic<String, Int>, best: @Sendable (Int) async throws -> [(player: String, score: Int)]) {
    let scores = app.topic("scores", key: String.self, value: Int.self)
    let board = app.table("leader-board", key: String.self, default: 0)

    app.agent("score", scores) { stream in
        for try await (player, score) in stream.items() {
            try board.update(player) { best in best = max(best, score) }
        }
    }

    @Sendable func best(_ count: Int) async throws -> [(player: String, score: Int)] {
        var rows: [(player: String, score: Int)] = []
        for try await (player, score) in board.items() { rows.append((player, score)) }
        return Array(rows.sorted { ($1.score, $0.player) < ($0.score, $1.player) }.prefix(count))
    }
    return (scores, best)
}

/// Counts by key and minute, and puts out each minute when it is over.
public func countPerMinute(
    in app: App,
    _ output: @escaping Output
) -> (pageViews: Topic<String, PageView>, views: WindowedTable<String, Int>) {
    let pageViews = app.topic("page_views", key: String.self, value: PageView.self)
    let views = app.table("views", key: String.self, default: 0)
        .tumbling(.seconds(60), expires: .seconds(3_600), grace: .seconds(5))

    app.agent("count", pageViews) { stream in
        for try await view in stream { views[view.id] += 1 }
    }
    views.onClose { page, window, count in
        output("\(page) in \(window): \(count)")
    }
    views.onLate { page, time in
        output("\(page) at \(time.milliseconds) is too late")
    }
    return (pageViews, views)
}

/// Keeps a set of tags per page.
public func tagPages(
    in app: App,
    _ output: @escaping Output
) -> (edits: Topic<String, String>, tags: SetTable<String, String>) {
    let edits = app.topic("edits", key: String.self, value: String.self)
    let tags = app.setTable("tags", key: String.self, value: String.self, startManager: true)

    app.agent("tag", edits) { stream in
        for try await (page, tag) in stream.items() {
            if try tags[page].insert(tag) {
                output("\(page) is tagged \(tag), \(try tags[page].count()) in all")
            }
        }
    }
    return (edits, tags)
}

/// Changes sets from outside of agents.
public func changeTags(_ tags: SetTable<String, String>) async throws {
    try await tags.manager.formUnion("faust", with: ["swift", "streams"])
    try await tags.manager.remove("python", from: "faust")
}

/// Sends on every thousandth view of a page.
public func tellMilestones(in app: App) -> (pageViews: Topic<String, PageView>, milestones: Topic<String, Int>) {
    let (pageViews, counts) = countPageViews(in: app) { _ in }
    let milestones = app.topic("milestones", key: String.self, value: Int.self)

    counts.onChange { page, before, now in
        if now / 1_000 > before / 1_000 { try await milestones.send(now, key: page) }
    }
    return (pageViews, milestones)
}

/// Counts clicks until a user has been away for half an hour.
public func countSessions(in app: App, _ output: @escaping Output) -> Topic<String, String> {
    let clicks = app.topic("clicks", key: String.self, value: String.self)
    let sessions = app.table("sessions", key: String.self, default: 0).useTimeToLive(.seconds(1_800))

    app.agent("click", clicks) { stream in
        for try await (user, _) in stream.items() { sessions[user] += 1 }
    }
    sessions.onChange { user, clicks, now in
        if now == 0 { output("\(user) has left after \(clicks) clicks") }
    }
    return clicks
}

/// An amount of money.
@Record
public struct Amount {
    /// The number.
    public var value: Double
    /// The currency.
    public var currency: String
}

/// Puts out amounts in one currency, by rates that every worker has.
public func convert(
    in app: App,
    _ output: @escaping Output
) -> (rates: Topic<String, Double>, orders: Topic<String, Amount>, current: GlobalTable<String, Double>) {
    let rates = app.topic("rates", key: String.self, value: Double.self)
    let orders = app.topic("orders", key: String.self, value: Amount.self)
    let current = app.globalTable("rates", key: String.self, default: 1.0)

    app.agent("rate", rates) { stream in
        for try await (currency, rate) in stream.items() { current[currency] = rate }
    }
    app.agent("order", orders) { stream in
        for try await amount in stream {
            output("\(amount.value * current[amount.currency])")
        }
    }
    return (rates, orders, current)
}
