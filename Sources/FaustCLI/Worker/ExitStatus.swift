// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The status that a process of an app ends with.
///
/// | status | meaning |
/// |---|---|
/// | 0 | everything was done; for a worker: it was asked to stop, finished what it held and committed |
/// | 1 | it failed; for a worker also: what it held was not finished within the shutdown timeout |
/// | 64 | the command line was wrong (`EX_USAGE` of sysexits) |
/// | 128 + n | a second signal n ended it at once: 130 for SIGINT, 143 for SIGTERM |
package enum ExitStatus {
    /// Everything was done.
    package static let success: Int32 = 0
    /// It failed.
    package static let failure: Int32 = 1

    /// It was ended by a signal, as shells report it.
    package static func signal(_ number: Int32) -> Int32 { 128 + number }
}
