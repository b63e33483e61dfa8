// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustTesting
import Snippets
import Testing

@Suite(.timeLimit(.minutes(5))) struct ComparisonTests {
    private let lines = Lines()

    @Test func pageViewsAreCountedAsInFaust() async throws {
        let (app, views) = pageViewsAsInFaust(lines.output)
        #expect(app.settings.store == "rocksdb://")
        try await app.test { kit in
            for id in ["/", "/a", "/"] { try await kit.send(PageView(id: id, user: "anna"), to: views) }
            try await kit.settle()
        }
        #expect(lines.sorted == ["/: 1", "/: 2", "/a: 1"])
    }

    @Test func wordsAreCountedAsInKafkaStreams() async throws {
        let (app, text, wordCounts) = wordCountAsInKafkaStreams()
        try await app.test { kit in
            for line in ["The cat, the dog", "A cat"] { try await kit.send(line, to: text) }
            try await kit.settle()
            var latest: [String: Int] = [:]
            for message in try await kit.output(of: wordCounts).all() { latest[message.key] = message.value }
            #expect(latest == ["the": 2, "cat": 2, "dog": 1, "a": 1])
        }
    }
}
