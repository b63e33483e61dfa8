// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation

/// The lines of a text file, read piece by piece, so that the file may be larger than the memory.
///
/// A line ends with a line feed, and a carriage return before it is dropped. Bytes that are not UTF-8 become U+FFFD.
public struct TextLines: Sequence, IteratorProtocol {
    private let file: FileHandle
    private var buffer = Data()
    private var isAtEnd = false

    /// Opens a file.
    ///
    /// - Parameter path: The path of the file.
    /// - Throws: An error of Foundation when it can't be opened.
    public init(ofFileAt path: String) throws {
        file = try FileHandle(forReadingFrom: URL(filePath: path))
    }

    /// The next line; `nil` behind the last.
    public mutating func next() -> String? {
        var searched = buffer.startIndex
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer = buffer[(end + 1)...] }
                return Self.text(of: buffer[..<end])
            }
            if isAtEnd {
                defer { buffer = Data() }
                return buffer.isEmpty ? nil : Self.text(of: buffer)
            }
            buffer = Data(buffer)
            searched = buffer.count
            let chunk = (try? file.read(upToCount: 1 << 16)) ?? Data()
            if chunk.isEmpty { isAtEnd = true } else { buffer.append(chunk) }
        }
    }

    private static func text(of line: Data) -> String {
        String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
    }
}
