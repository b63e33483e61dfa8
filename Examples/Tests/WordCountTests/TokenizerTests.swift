// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import BookSupport
import Foundation
import Testing
import WordCounting

@Suite struct TokenizerTests {
    @Test(
        "a word is a run of letters with apostrophes between letters",
        arguments: [
            ("Alice was beginning", ["alice", "was", "beginning"]),
            ("`Oh dear!'  she said", ["oh", "dear", "she", "said"]),
            ("don't, can't 'twas o'clock'", ["don't", "can't", "twas", "o'clock"]),
            ("it''s ''", ["it", "s"]),
            ("WAISTCOAT-\r", ["waistcoat"]),
            ("2.9 x2y", ["x", "y"]),
            ("naïve", ["na", "ve"]),
            ("", []),
        ]
    )
    func words(line: String, expected: [String]) {
        #expect(Tokenizer.words(of: line) == expected)
    }

    @Test("the words of the book are those that the shell finds") func bookAgainstShell() throws {
        let text = try String(contentsOf: Book.url, encoding: .utf8)
        var counts: [String: Int] = [:]
        for line in text.split(separator: "\r\n") {
            for word in Tokenizer.words(of: line) { counts[word, default: 0] += 1 }
        }
        #expect(try WordTable(counts: counts).listing == Book.shellListing())
    }
}

@Suite struct WordTableTests {
    @Test("rows are ordered by count, then by word") func order() {
        let table = WordTable(counts: ["b": 2, "a": 2, "c": 3, "d": 1])
        #expect(table.rows.map(\.word) == ["c", "a", "b", "d"])
        #expect(table.total == 8)
    }

    @Test("the chart shows the first words with their share") func chart() {
        let table = WordTable(counts: ["the": 3, "rabbit": 1])
        #expect(
            table.chart(limit: 2) == """
                word     count  share
                the          3 75.00% \(String(repeating: "█", count: 40))
                rabbit       1 25.00% \(String(repeating: "█", count: 13))

                """
        )
        #expect(WordTable(counts: [:]).chart(limit: 3) == "no words\n")
    }
}
