// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What a person sees behind an output: a terminal with its width and abilities, or a file or pipe.
package struct Terminal: Sendable, Equatable {
    /// Whether a person reads the output as it is written.
    package var isInteractive: Bool
    /// Whether to colour: on a terminal, unless `NO_COLOR` is set or `TERM` is `dumb` (see no-color.org).
    package var usesColor: Bool
    /// Whether to draw with box characters: on a terminal, unless the locale names another character set than UTF-8.
    package var usesUnicode: Bool
    /// Whether a line can be drawn over: on a terminal, unless `TERM` is `dumb`.
    package var canRedraw: Bool
    /// The width in columns; `nil` where nothing limits it.
    package var columns: Int?

    /// An output with the abilities given.
    package init(isInteractive: Bool, usesColor: Bool, usesUnicode: Bool, columns: Int?, canRedraw: Bool? = nil) {
        self.isInteractive = isInteractive
        self.canRedraw = canRedraw ?? isInteractive
        self.usesColor = usesColor
        self.usesUnicode = usesUnicode
        self.columns = columns
    }

    /// A file or a pipe: no colour, no boxes, no width.
    package static let plain = Terminal(isInteractive: false, usesColor: false, usesUnicode: false, columns: nil)

    /// What is behind a file descriptor.
    ///
    /// - Parameters:
    ///   - descriptor: 1 for the standard output, 2 for the standard error.
    ///   - environment: The environment of the process.
    /// - Returns: ``plain`` unless the descriptor is a terminal.
    package static func behind(descriptor: Int32, environment: [String: String]) -> Terminal {
        guard isatty(descriptor) == 1 else { return .plain }
        return interactive(columns: width(of: descriptor), environment: environment)
    }

    /// A terminal with the abilities that the environment tells.
    package static func interactive(columns: Int?, environment: [String: String]) -> Terminal {
        let isDumb = environment["TERM"] == "dumb"
        let refusesColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        return Terminal(
            isInteractive: true,
            usesColor: !isDumb && !refusesColor,
            usesUnicode: !isDumb && isUnicode(locale: environment),
            columns: columns,
            canRedraw: !isDumb
        )
    }

    private static func isUnicode(locale environment: [String: String]) -> Bool {
        // The first that is set and not empty decides, as setlocale(3) has it. Without any, as in most containers, the
        // terminal at the other end takes UTF-8.
        let names = ["LC_ALL", "LC_CTYPE", "LANG"]
        guard let locale = names.lazy.compactMap({ environment[$0] }).first(where: { !$0.isEmpty }) else { return true }
        let name = locale.lowercased()
        return name.hasSuffix("utf-8") || name.hasSuffix("utf8")
    }

    private static func width(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
