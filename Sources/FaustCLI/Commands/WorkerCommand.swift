// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import ArgumentParser
package import FaustCore
import Foundation
import Logging

/// `worker`: runs the agents and tasks of the app until it is told to stop.
package struct WorkerCommand: AppCommand {
    package static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Run the app's agents and tasks until SIGINT or SIGTERM.",
        discussion: """
            The first signal stops in order: agents finish what they hold, what they sent is flushed, offsets are \
            committed. A second signal stops at once.

            Exit status: 0 after an orderly stop, 1 after an error or when the stop took longer than the shutdown \
            timeout, 128 plus the signal's number after a second signal.
            """
    )

    @OptionGroup(title: "Options of the worker") package var options: WorkerOptions
    @OptionGroup(title: "Options of all commands") package var global: GlobalOptions

    /// What the options are without any argument.
    package init() {}

    /// Runs the worker.
    ///
    /// - Parameter app: The app of the program.
    /// - Throws: ``FaustError``: what the worker has stopped for.
    package func run(_ app: App) async throws {
        let output = try global.apply(to: app, standardLevel: .info) { settings in
            if let timeout = options.shutdownTimeout { settings.shutdownTimeout = timeout }
        }
        if !global.quiet {
            printBanner(of: app)
            RecoveryBoard(output).follow(app)
        }
        let shutdown = ShutdownController(timeout: app.settings.shutdownTimeout, logger: app.logger) { app.stop() }
        shutdown.listen()
        defer { shutdown.finished() }
        try await app.run()
    }

    private func printBanner(of app: App) {
        let settings = app.settings
        let keepsData = (try? settings.brokers().scheme) == "log"
        let banner = Banner(
            version: LibraryVersion.current,
            id: app.id,
            transport: settings.broker,
            log: global.logDescription(standard: .info),
            datadir: keepsData ? settings.dataDirectory : nil
        )
        StandardOutput.write(banner.table)
    }
}
