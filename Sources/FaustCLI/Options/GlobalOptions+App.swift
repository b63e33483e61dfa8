// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import FaustCore
import Foundation
package import Logging

extension GlobalOptions {
    /// Gives an app the settings and the logger that the options ask for.
    ///
    /// - Parameters:
    ///   - app: An app that does not run yet.
    ///   - standardLevel: The level to log at when no option says otherwise.
    ///   - change: Changes further settings.
    /// - Returns: Where the log goes.
    /// - Throws: ``FaustError`` when the log file can't be opened or a setting can't have its value.
    @discardableResult
    package func apply(
        to app: App,
        standardLevel: Logger.Level,
        change: (inout Settings) -> Void = { _ in }
    ) throws -> LogOutput {
        let output = try logOutput(environment: ProcessInfo.processInfo.environment)
        let level = level(standard: standardLevel)
        try app.configure { settings, logger in
            if let datadir { settings.datadir = datadir }
            if debug { settings.debug = true }
            change(&settings)
            logger = Logger(label: settings.name) { label in
                ConsoleLogHandler(label: label, level: level, output: output)
            }
        }
        return output
    }
}
