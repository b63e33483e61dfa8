// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Reads lines from a file descriptor, such as the standard input, as bytes.
///
/// A line ends with a line feed, and a carriage return before it is dropped; the last line needs no end. Bytes that are not
/// UTF-8 pass through unchanged. Reading blocks the thread.
package struct LineReader {
    private let descriptor: Int32
    private let limit: Int
    private var buffer: [UInt8] = []
    private var position = 0
    private var isAtEnd = false

    /// A reader that begins where the descriptor stands; it does not close it.
    ///
    /// - Parameters:
    ///   - descriptor: An open file descriptor.
    ///   - limit: The greatest length of a line in bytes.
    package init(descriptor: Int32, limit: Int = 16 << 20) {
        self.descriptor = descriptor
        self.limit = limit
    }

    /// The next line without its end, or `nil` behind the last.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/storage`` when the descriptor can't be read, and with
    ///   ``FaustError/Code/messageTooLarge`` when the line is longer than the limit.
    package mutating func next() throws -> [UInt8]? {
        var searched = position
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { position = end + 1 }
                return line(until: end)
            }
            if buffer.count - position > limit {
                throw FaustError(.messageTooLarge, "a line of the input is longer than \(limit) bytes")
            }
            if isAtEnd {
                defer { position = buffer.count }
                return position < buffer.count ? line(until: buffer.count) : nil
            }
            buffer.removeFirst(position)
            position = 0
            searched = buffer.count
            try fill()
        }
    }

    private func line(until end: Int) -> [UInt8] {
        let hasReturn = end > position && buffer[end - 1] == UInt8(ascii: "\r")
        return Array(buffer[position..<(hasReturn ? end - 1 : end)])
    }

    private mutating func fill() throws {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count > 0 {
                buffer.append(contentsOf: chunk[..<count])
                return
            }
            if count == 0 {
                isAtEnd = true
                return
            }
            if errno != EINTR {
                throw FaustError(.storage, "the input can't be read: \(String(cString: strerror(errno)))")
            }
        }
    }
}
