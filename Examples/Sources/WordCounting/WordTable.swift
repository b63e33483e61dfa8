// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How often each word of a text occurs, ready to print.
public struct WordTable: Sendable, Equatable {
    /// A word and its count.
    public struct Row: Sendable, Equatable {
        /// The word.
        public var word: String
        /// How often it occurs.
        public var count: Int
    }

    /// All words, the most frequent first, words of the same count in alphabetical order.
    public let rows: [Row]

    /// Sorts the counts.
    ///
    /// - Parameter counts: The count of each word.
    public init(counts: [String: Int]) {
        rows =
            counts
            .map { Row(word: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.word) < ($0.count, $1.word) }
    }

    /// The number of words in the text.
    public var total: Int { rows.reduce(0) { $0 + $1.count } }

    /// All counts in the form of `sort | uniq -c`: a line for each word, the count right-aligned in seven columns.
    public var listing: String {
        rows.map { "\(Self.rightAligned($0.count, columns: 7)) \($0.word)\n" }.joined()
    }

    /// A table of the most frequent words, each with its share of all words and a bar.
    ///
    /// - Parameter limit: The number of words to show.
    /// - Returns: The table, a line for each word below the headings.
    public func chart(limit: Int) -> String {
        let shown = rows.prefix(limit)
        guard let most = shown.first?.count, most > 0 else { return "no words\n" }
        let widest = max(4, shown.map(\.word.count).max() ?? 0)
        var text = "word" + String(repeating: " ", count: widest - 4) + "   count  share\n"
        for row in shown {
            let share = (row.count * 10_000 + total / 2) / total
            let percent = "\(share / 100).\(share % 100 < 10 ? "0" : "")\(share % 100)"
            text += row.word + String(repeating: " ", count: widest - row.word.count)
            text += Self.rightAligned(row.count, columns: 8) + Self.rightAligned(percent, columns: 6) + "% "
            text += String(repeating: "█", count: max(1, row.count * 40 / most)) + "\n"
        }
        return text
    }

    private static func rightAligned(_ value: some CustomStringConvertible, columns: Int) -> String {
        let text = value.description
        return String(repeating: " ", count: max(0, columns - text.count)) + text
    }
}
