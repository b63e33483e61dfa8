// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Which topics a handle, an agent or a stream reads: those of some names, or all whose names match a pattern.
@usableFromInline
struct TopicSelection: Sendable {
    /// The names; empty for a pattern.
    let names: [String]
    private let pattern: (text: String, matcher: RecordPattern)?

    /// Topics by their names.
    init(names: [String]) {
        self.names = names
        pattern = nil
    }

    /// All topics whose whole names match a regular expression.
    init(pattern text: String) {
        names = []
        pattern = (text, RecordPattern(text))
    }

    /// Whether topics are found by a pattern, so that there may be more of them later.
    var isPattern: Bool { pattern != nil }

    /// The names with commas, or the pattern.
    var description: String { pattern?.text ?? names.joined(separator: ",") }

    /// Whether a topic is one of them.
    ///
    /// A pattern does not match the broker's own topics, whose names begin with two underscores.
    func contains(_ topic: String) -> Bool {
        guard let pattern else { return names.contains(topic) }
        return !topic.hasPrefix("__") && pattern.matcher.matches(topic)
    }

    /// The names of those that are read when the broker has some topics.
    func names(among existing: some Sequence<String>) -> [String] {
        isPattern ? existing.filter(contains).sorted() : names
    }
}
