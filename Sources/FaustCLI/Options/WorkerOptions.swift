// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import ArgumentParser

/// What `worker` takes besides the global options.
package struct WorkerOptions: ParsableArguments {
    @Option(
        name: .customLong("shutdown-timeout"),
        help: ArgumentHelp(
            "How many seconds a stop may take: agents finish what they hold and offsets are committed.",
            valueName: "seconds"
        )
    )
    package var shutdownTimeoutSeconds: Double?

    /// What the options are without any argument.
    package init() {}

    /// Rejects what can't be waited for.
    ///
    /// - Throws: `ValidationError`.
    package func validate() throws {
        if let seconds = shutdownTimeoutSeconds, !(seconds >= 0 && seconds <= 86_400) {
            throw ValidationError("--shutdown-timeout is a number of seconds between 0 and 86400")
        }
    }

    /// The time that a stop may take; `nil` leaves it to the setting.
    package var shutdownTimeout: Duration? { shutdownTimeoutSeconds.map { .seconds($0) } }
}
