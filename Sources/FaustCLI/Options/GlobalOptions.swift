// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import ArgumentParser
import FaustCore
package import Logging

/// The options that every command takes, under Faust's names.
package struct GlobalOptions: ParsableArguments {
    @Option(
        name: [.customShort("l"), .long],
        help: "The least level that is logged; info for the worker and warn for other commands unless given."
    )
    package var loglevel: LogLevel?

    @Option(
        name: [.customShort("f"), .long],
        help: ArgumentHelp("Append the log to a file instead of the standard error.", valueName: "path"),
        completion: .file()
    )
    package var logfile: String?

    @Option(
        name: [.customShort("D"), .long],
        help: ArgumentHelp("Where the embedded log and the tables are kept.", valueName: "folder"),
        completion: .directory
    )
    package var datadir: String?

    @Flag(help: "Print JSON, for programs.")
    package var json = false

    @Flag(help: "Log at level debug.")
    package var debug = false

    @Flag(name: [.customShort("q"), .long], help: "Print no banner, and log errors only unless a level is given.")
    package var quiet = false

    /// What the options are without any argument.
    package init() {}

    /// Rejects what contradicts itself.
    ///
    /// - Throws: `ValidationError`.
    package func validate() throws {
        if debug, loglevel != nil { throw ValidationError("give either --debug or --loglevel") }
        if let logfile, logfile.isEmpty { throw ValidationError("--logfile needs a path") }
        if let datadir, datadir.isEmpty { throw ValidationError("--datadir needs a path") }
    }

    /// The level to log at.
    ///
    /// - Parameter standard: The level of the command when no option says otherwise.
    /// - Returns: The level of the options if they name one.
    package func level(standard: Logger.Level) -> Logger.Level {
        if debug { return .debug }
        return loglevel?.level ?? (quiet ? .error : standard)
    }

    /// Where the log goes.
    ///
    /// - Parameter environment: The environment of the process.
    /// - Returns: The log file, or the standard error.
    /// - Throws: ``FaustError`` when the log file can't be opened.
    package func logOutput(environment: [String: String]) throws -> LogOutput {
        if let logfile { return try LogOutput(appendingTo: logfile) }
        return .standardError(environment: environment)
    }

    /// What the banner says about the log: the file or `-stderr-`, and the level, as in Faust.
    package func logDescription(standard: Logger.Level) -> String {
        "\(logfile ?? "-stderr-") (\(level(standard: standard)))"
    }
}
