// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Text as a terminal shows it.
package enum DisplayText {
    /// The text without anything that a terminal would obey: control characters become visible escapes.
    ///
    /// Names, keys and log messages come from outside; an escape sequence or a line end in them must not colour the screen,
    /// move the cursor or forge a second line in a log.
    ///
    /// - Parameters:
    ///   - text: Any text.
    ///   - keepingLines: Whether line feeds stay.
    /// - Returns: The text, unchanged if there is nothing to escape.
    package static func escaped(_ text: String, keepingLines: Bool = false) -> String {
        guard text.unicodeScalars.contains(where: { isControl($0) }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n" where keepingLines: result.unicodeScalars.append(scalar)
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case let scalar where isControl(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The number of columns that a text takes: two for East Asian wide characters and emoji, one for all others.
    package static func columns(of text: some StringProtocol) -> Int {
        text.reduce(0) { $0 + columns(of: $1) }
    }

    /// The number of columns that a character takes.
    package static func columns(of character: Character) -> Int {
        character.unicodeScalars.contains(where: isWide) ? 2 : 1
    }

    /// The text in lines of at most a number of columns, broken between words where possible.
    package static func wrapped(_ text: some StringProtocol, columns limit: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            let candidate = line.isEmpty && lines.isEmpty || line.isEmpty ? String(word) : line + " " + word
            if columns(of: candidate) <= limit {
                line = candidate
                continue
            }
            if !line.isEmpty { lines.append(line) }
            line = cut(word, columns: limit, into: &lines)
        }
        lines.append(line)
        return lines
    }

    private static func cut(_ word: some StringProtocol, columns limit: Int, into lines: inout [String]) -> String {
        var rest = ""
        for character in word {
            if !rest.isEmpty, columns(of: rest) + columns(of: character) > limit {
                lines.append(rest)
                rest = ""
            }
            rest.append(character)
        }
        return rest
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // C0, DEL, C1, and the marks that turn the direction of the text around.
        case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2028, 0x2029, 0x2066...0x2069: true
        default: false
        }
    }

    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x1100: false
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
            true
        default: scalar.properties.isEmojiPresentation
        }
    }
}
