// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Where log lines go: the standard error or a file.
///
/// A line is written by one call, so that lines of several threads, or of several processes that append to one file, do not
/// mix. What can't be written (the disk is full, the reader of a pipe is gone) is dropped: a log must not stop the worker.
package final class LogOutput: Sendable {
    /// What is behind the output.
    package let terminal: Terminal
    private let descriptor: Int32
    private let ownsDescriptor: Bool
    // Held while writing: lines longer than the kernel takes at once stay whole. What is shown below the last line.
    private let status = Mutex("")

    /// Writes to an open descriptor, which is not closed.
    package init(descriptor: Int32, terminal: Terminal) {
        self.descriptor = descriptor
        self.terminal = terminal
        self.ownsDescriptor = false
    }

    /// Appends to a file, which is made if it does not exist, for the user and group only.
    ///
    /// - Parameter path: The path of the file.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/storage`` when it can't be opened.
    package init(appendingTo path: String) throws {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw FaustError(.storage, "the log file \(path) can't be opened: \(reason)")
        }
        self.descriptor = descriptor
        self.terminal = .plain
        self.ownsDescriptor = true
    }

    deinit {
        if ownsDescriptor { close(descriptor) }
    }

    /// The standard error.
    package static func standardError(environment: [String: String]) -> LogOutput {
        LogOutput(descriptor: 2, terminal: .behind(descriptor: 2, environment: environment))
    }

    /// Writes a line.
    ///
    /// - Parameter line: The line with its line feed.
    package func write(_ line: String) {
        status.withLock { status in put(status.isEmpty ? line : Self.erasure + line + status) }
    }

    /// Shows a text below the last line, in place of the one before; does nothing where nothing can be drawn over.
    ///
    /// - Parameter text: A text without line feeds that is shorter than a line; none takes the text away.
    package func show(_ text: String) {
        guard terminal.canRedraw else { return }
        status.withLock { status in
            guard text != status else { return }
            put((status.isEmpty ? "" : Self.erasure) + text)
            status = text
        }
    }

    /// Goes to the start of the line and clears it.
    ///
    /// What others have printed meanwhile lies above and stays.
    private static let erasure = "\r\u{1B}[K"

    private func put(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0, errno == EINTR {
                continue
            } else {
                return
            }
        }
    }
}

/// write(2) under a name that a method called `write` does not hide.
private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
