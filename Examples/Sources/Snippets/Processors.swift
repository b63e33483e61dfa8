// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust

/// Processors are functions that values go through on their way out of a stream.
///
/// They run in the order of the list and may suspend.
public func process(
    in app: App,
    clientInfo: @escaping @Sendable (String) async throws -> String,
    _ output: @escaping Output
) -> Topic<Bytes?, Visit> {
    let addDefaultLanguage = Processor<Visit> { visit in
        var visit = visit
        if visit.language.isEmpty { visit.language = "US" }
        return visit
    }
    let addClientInfo = Processor<Visit> { visit in
        var visit = visit
        visit.client = try await clientInfo(visit.accountID)
        return visit
    }

    let visits = app.topic("visits", value: Visit.self)
    app.agent("visits", visits) { stream in
        for try await visit in stream.processed(by: [addDefaultLanguage, addClientInfo]) {
            output("\(visit.accountID) \(visit.language) \(visit.client)")
        }
    }
    return visits
}

/// A processor that throws `Skip` drops the event.
public func dropTests(in app: App, _ output: @escaping Output) -> Topic<Bytes?, Visit> {
    let dropTests = Processor<Visit> { visit in
        if visit.accountID.hasPrefix("test-") { throw Skip() }
        return visit
    }

    let visits = app.topic("visits", value: Visit.self)
    app.agent("visits", visits) { stream in
        for try await visit in stream.processed(by: [dropTests]) { output(visit.accountID) }
    }
    return visits
}
