// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCLI
import Testing

@Suite struct TerminalTests {
    @Test(
        "a terminal is coloured unless NO_COLOR is set or it is dumb",
        arguments: [
            ([:], true, true),
            (["TERM": "xterm-256color", "NO_COLOR": ""], true, true),
            (["NO_COLOR": "1"], false, true),
            (["TERM": "dumb"], false, false),
            (["LANG": "de_DE.UTF-8"], true, true),
            (["LANG": "de_DE.utf8"], true, true),
            (["LANG": "C"], true, false),
            (["LANG": "de_DE.UTF-8", "LC_ALL": "POSIX"], true, false),
            (["LC_ALL": "", "LC_CTYPE": "en_US.ISO-8859-1"], true, false),
        ] as [([String: String], Bool, Bool)]
    )
    func abilities(environment: [String: String], color: Bool, unicode: Bool) {
        let terminal = Terminal.interactive(columns: 100, environment: environment)
        #expect(
            terminal
                == Terminal(
                    isInteractive: true,
                    usesColor: color,
                    usesUnicode: unicode,
                    columns: 100,
                    canRedraw: environment["TERM"] != "dumb"
                )
        )
    }

    @Test("what is no terminal is plain") func notATerminal() {
        #expect(Terminal.behind(descriptor: -1, environment: [:]) == .plain)
    }
}
