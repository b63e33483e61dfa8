// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The cause of the error of a log that can't be opened because somebody else has it open.
///
/// Another process that finds it reaches the log through its owner.
package struct LogDirectoryInUse: Error, Sendable, CustomStringConvertible {
    /// The directory of the log.
    package let directory: String

    /// What happened.
    package var description: String { "\(directory) is in use" }
}
