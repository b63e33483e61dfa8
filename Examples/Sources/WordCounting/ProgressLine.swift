// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation

/// Shows on the standard output how far the counting has come: in one line that changes on a terminal, elsewhere in a
/// line now and then.
public struct ProgressLine: Sendable {
    /// How often to show it.
    public let interval: Duration
    private let isTerminal: Bool

    /// A line for what is behind the standard output.
    public init() {
        isTerminal = isatty(FileHandle.standardOutput.fileDescriptor) == 1
        interval = isTerminal ? .milliseconds(100) : .seconds(2)
    }

    /// Shows the numbers.
    ///
    /// - Parameters:
    ///   - numbers: How far it has come.
    ///   - elapsed: The time since the start.
    ///   - isLast: Whether no more will come.
    public func show(_ numbers: CountingProgress.Numbers, after elapsed: Duration, isLast: Bool = false) {
        let seconds = max(elapsed / .seconds(1), 0.001)
        let text =
            "\(numbers.linesSplit) of \(numbers.linesRead) lines, \(numbers.counted) words counted, "
            + "\(Int(Double(numbers.counted) / seconds)) words/s"
        // \r goes back to the start of the line, and the escape sequence clears what was there.
        let line = (isTerminal ? "\r\u{1B}[K\(text)" : text) + (isTerminal && !isLast ? "" : "\n")
        FileHandle.standardOutput.write(Data(line.utf8))
    }
}
