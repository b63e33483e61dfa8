// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// What counts as a word of a text.
///
/// A word is a run of ASCII letters, which may hold apostrophes between letters; case does not matter. This is what
/// `tr A-Z a-z | grep -oE "[a-z]+('[a-z]+)*"` finds, so that the counts can be checked with the shell.
public enum Tokenizer {
    /// The words of a line, in lower case, in order.
    ///
    /// - Parameter line: A line of text; line ends are separators like any other byte that is no letter.
    /// - Returns: The words; empty if there are none.
    public static func words(of line: some StringProtocol) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var apostrophe = false
        for byte in line.utf8 {
            if let letter = lowercased(byte) {
                if apostrophe { word.append(UInt8(ascii: "'")) }
                word.append(letter)
                apostrophe = false
            } else if byte == UInt8(ascii: "'"), !word.isEmpty, !apostrophe {
                // It belongs to the word only if a letter follows.
                apostrophe = true
            } else {
                finish(&word, into: &words)
                apostrophe = false
            }
        }
        finish(&word, into: &words)
        return words
    }

    private static func lowercased(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte + 32
        default: nil
        }
    }

    private static func finish(_ word: inout [UInt8], into words: inout [String]) {
        guard !word.isEmpty else { return }
        words.append(String(decoding: word, as: UTF8.self))
        word.removeAll(keepingCapacity: true)
    }
}
