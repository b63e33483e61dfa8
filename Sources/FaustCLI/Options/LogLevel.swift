// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
package import Logging

/// A log level as it is given on the command line: Faust's names, and swift-log's.
package struct LogLevel: Sendable, Equatable, ExpressibleByArgument {
    /// swift-log's level.
    package let level: Logger.Level

    /// A level.
    package init(_ level: Logger.Level) {
        self.level = level
    }

    /// The level of a name, in any case; `nil` if there is none.
    package init?(argument: String) {
        switch argument.lowercased() {
        case "trace": level = .trace
        case "debug": level = .debug
        case "info": level = .info
        case "notice": level = .notice
        case "warn", "warning": level = .warning
        case "error": level = .error
        case "crit", "critical": level = .critical
        default: return nil
        }
    }

    /// The names that help and shell completion show.
    package static var allValueStrings: [String] { ["crit", "error", "warn", "info", "debug", "trace"] }

    /// The name, as help shows a default.
    package var defaultValueDescription: String { level.rawValue }
}
