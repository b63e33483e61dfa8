// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustTesting
import Testing

@testable import PageViews

@Suite(.timeLimit(.minutes(5))) struct PageViewsTests {
    private let lines = Lines()

    @Test func viewsAreCountedByURL() async throws {
        let counter = ViewCounter(samples: 0) { [lines] in lines.append($0) }
        try await counter.app.test { kit in
            for (url, user) in [("/", "anna"), ("/tea", "anna"), ("/", "bert"), ("/", "anna")] {
                try await kit.send(PageView(url: url, user: user), to: counter.views)
            }
            try await kit.settle()
            #expect(try await kit.entries(of: counter.counts) == ["/": 3, "/tea": 1])
            #expect(counter.counts["/never"] == 0)
        }
        #expect(lines.all.sorted() == ["/: 1", "/: 2", "/: 3", "/tea: 1"])
    }

    @Test(
        "two workers share the views, in whatever order they come, and a crash loses none",
        arguments: 0..<10 as Range<UInt64>
    )
    func twoWorkers(seed: UInt64) async throws {
        let (first, second) = (ViewCounter(samples: 0) { _ in }, ViewCounter(samples: 0) { _ in })
        let kit = try await TestKit(seed: seed) { $0.processingGuarantee = .exactlyOnce }
        let worker = try await kit.start(first.app)
        try await kit.start(second.app)
        let views = PageView.samples(120)
        for view in views.prefix(60) { try await kit.send(view, to: first.views) }
        try await kit.process()  // but do not commit
        try await worker.crash()
        for view in views.suffix(60) { try await kit.send(view, to: first.views) }
        try await kit.settle()
        let expected = Dictionary(grouping: views, by: \.url).mapValues(\.count)
        #expect(try await kit.entries(of: second.counts) == expected)
        try await kit.end()
    }

    @Test("what the program sends itself is counted") func samples() async throws {
        let counter = ViewCounter(samples: 100) { [lines] in lines.append($0) }
        try await counter.app.test { kit in
            try await kit.settle()
            #expect(
                try await kit.entries(of: counter.counts) == ["/": 50, "/tea": 17, "/coffee": 17, "/tea/green": 16]
            )
        }
        #expect(lines.all.count == 100)
    }
}
