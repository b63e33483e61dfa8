// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How the name of a property becomes a name on the wire.
package enum Naming: String, CaseIterable {
    case snakeCase
    case camelCase
    case asWritten

    /// The name on the wire of a property.
    package func wireName(of name: String) -> String {
        guard self != .asWritten else { return name }
        let underscores = String(name.prefix { $0 == "_" })
        let words = Naming.words(of: name).map { $0.lowercased() }
        if self == .snakeCase { return underscores + words.joined(separator: "_") }
        let capitalised = words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }
        return underscores + (words.first ?? "") + capitalised.joined()
    }

    /// The words of an identifier: `productURL2` is `product`, `URL2`; `userIDs` is `user`, `IDs`.
    private static func words(of name: String) -> [String] {
        let letters = Array(name)
        var words: [String] = []
        var word = ""
        for (index, letter) in letters.enumerated() {
            if letter == "_" || (!word.isEmpty && startsWord(at: index, of: letters)) {
                if !word.isEmpty { words.append(word) }
                word = ""
            }
            if letter != "_" { word.append(letter) }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    private static func startsWord(at index: Int, of letters: [Character]) -> Bool {
        guard letters[index].isUppercase else { return false }
        guard letters[index - 1].isUppercase else { return true }
        // Inside a run of capitals: the last one starts a word if a small letter follows, except for a plural "s".
        guard index + 1 < letters.count, letters[index + 1].isLowercase else { return false }
        let endsAfterNext = index + 2 == letters.count || !letters[index + 2].isLowercase
        return !(letters[index + 1] == "s" && endsAfterNext)
    }
}
