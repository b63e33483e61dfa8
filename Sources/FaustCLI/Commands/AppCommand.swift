// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import ArgumentParser
package import FaustCore

/// A command that is told which app to act on when it runs.
///
/// ArgumentParser makes commands itself and knows no app, so ``App/main(_:)`` parses first and runs the command then.
package protocol AppCommand: ParsableCommand {
    /// Does the command's work.
    ///
    /// - Parameter app: The app of the program; it does not run yet.
    /// - Throws: What the process fails with.
    func run(_ app: App) async throws
}
