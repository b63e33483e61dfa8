// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import BookSupport
import Faust
import FaustTesting
import Foundation
import Testing
import WordCounting

@testable import WordCount

@Suite(.timeLimit(.minutes(5))) struct WordCounterTests {
    @Test func theWordsOfATextAreCountedAndTheAppStops() async throws {
        let text = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).txt")
        try Data("The cat and the dog.\nThe end, and no more.\n".utf8).write(to: text)
        defer { try? FileManager.default.removeItem(at: text) }
        let counter = WordCounter(text: text.path)
        try await counter.app.test(seed: 3) { kit in
            try await kit.settle()
            #expect(!kit.workers[0].isRunning)
        }
        #expect(counter.progress.numbers.isComplete)
        #expect(
            counter.totals.table
                == WordTable(counts: [
                    "the": 3, "and": 2, "cat": 1, "dog": 1, "end": 1, "no": 1, "more": 1,
                ])
        )
    }

    @Test("the book is counted as sort | uniq -c does") func book() async throws {
        let counter = WordCounter(text: Book.url.path)
        try await counter.app.test { kit in try await kit.settle() }
        #expect(try counter.totals.table.listing == Book.shellListing())
    }
}
