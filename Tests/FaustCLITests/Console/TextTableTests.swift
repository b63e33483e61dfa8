// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCLI
import Testing

@Suite struct TextTableTests {
    static let terminal = Terminal(isInteractive: true, usesColor: true, usesUnicode: true, columns: 80)

    static let agents = TextTable(
        title: "Agents",
        headers: ["name", "topic"],
        rows: [["@count", "words"], ["@日本", "naïve"]]
    )

    @Test("on a terminal it is a box with its title in the frame") func box() {
        #expect(
            Self.agents.text(for: Self.terminal) == """
                ┌ Agents ┬───────┐
                │ name   │ topic │
                ├────────┼───────┤
                │ @count │ words │
                │ @日本  │ naïve │
                └────────┴───────┘

                """
        )
    }

    @Test("redirected it is plain aligned text") func plain() {
        #expect(
            Self.agents.text(for: .plain) == """
                Agents
                name    topic
                @count  words
                @日本   naïve

                """
        )
    }

    @Test("a title that is wider than the table stands above it") func wideTitle() {
        let table = TextTable(title: "a rather long title", rows: [["a", "b"]])
        #expect(
            table.text(for: Self.terminal) == """
                a rather long title 
                ┌───┬───┐
                │ a │ b │
                └───┴───┘

                """
        )
    }

    @Test("the last column is wrapped to the width of the terminal") func wrapping() {
        let table = TextTable(rows: [["help", "counts the words of a whole book, line by line"]])
        var terminal = Self.terminal
        terminal.columns = 32
        let text = table.text(for: terminal)
        #expect(
            text == """
                ┌──────┬───────────────────────┐
                │ help │ counts the words of a │
                │      │ whole book, line by   │
                │      │ line                  │
                └──────┴───────────────────────┘

                """
        )
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 32 })
    }

    @Test("control characters are shown and not obeyed") func controlCharacters() {
        let table = TextTable(rows: [["a\u{1B}[31mred", "b\tc\r"], ["two\nlines", ""]])
        #expect(table.text(for: .plain) == "a\\u{1b}[31mred  b\\tc\\r\ntwo\nlines\n")
    }

    @Test("short rows are filled up, and a table without rows is empty") func raggedRows() {
        let table = TextTable(headers: ["a", "b"], rows: [["1"], ["2", "3"]])
        #expect(table.text(for: .plain) == "a  b\n1\n2  3\n")
        #expect(TextTable(rows: []).text(for: .plain).isEmpty)
    }

    @Test("for programs the rows are a JSON array of arrays") func json() {
        let table = TextTable(headers: ["x"], rows: [["a/b", "\"q\"\n"], []])
        #expect(table.json() == #"[["a/b","\"q\"\n"],[]]"#)
    }
}

@Suite struct DisplayTextTests {
    @Test(
        "lines break between words, and inside words that are too long",
        arguments: [
            ("one two three", 7, ["one two", "three"]),
            ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
            ("a abcdefgh b", 4, ["a", "abcd", "efgh", "b"]),
            ("日本語", 4, ["日本", "語"]),
            ("", 4, [""]),
        ]
    )
    func wrapping(text: String, columns: Int, lines: [String]) {
        #expect(DisplayText.wrapped(text, columns: columns) == lines)
    }

    @Test("characters take one or two columns") func columns() {
        #expect(DisplayText.columns(of: "naïve") == 5)
        #expect(DisplayText.columns(of: "e\u{301}") == 1)
        #expect(DisplayText.columns(of: "日本") == 4)
        #expect(DisplayText.columns(of: "🐇") == 2)
    }

    @Test("marks that reverse the text are escaped") func bidirectional() {
        #expect(DisplayText.escaped("abc\u{202E}def\u{2028}") == "abc\\u{202e}def\\u{2028}")
        #expect(DisplayText.escaped("a\nb", keepingLines: true) == "a\nb")
    }
}
