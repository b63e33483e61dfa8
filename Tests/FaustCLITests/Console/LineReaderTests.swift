// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCLI
import FaustCore
import Foundation
import Testing

@Suite struct LineReaderTests {
    /// All lines that a pipe gives which holds the bytes.
    private func lines(of bytes: [UInt8], limit: Int = 1 << 20) throws -> [String] {
        let pipe = Pipe()
        let writer = pipe.fileHandleForWriting
        try writer.write(contentsOf: Data(bytes))
        try writer.close()
        var reader = LineReader(descriptor: pipe.fileHandleForReading.fileDescriptor, limit: limit)
        var lines: [String] = []
        while let line = try reader.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        #expect(try reader.next() == nil)
        return lines
    }

    @Test(
        "lines end with a line feed, with or without a carriage return",
        arguments: [
            ("a\nb\n", ["a", "b"]),
            ("a\r\n\r\nb", ["a", "", "b"]),
            ("\n", [""]),
            ("", []),
            ("a\rb", ["a\rb"]),
            ("last\r", ["last"]),
        ]
    )
    func ends(text: String, expected: [String]) throws {
        #expect(try lines(of: Array(text.utf8)) == expected)
    }

    @Test("bytes that are not UTF-8 pass through") func rawBytes() throws {
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data([0xFF, 0x00, 0x0A]))
        try pipe.fileHandleForWriting.close()
        var reader = LineReader(descriptor: pipe.fileHandleForReading.fileDescriptor)
        #expect(try reader.next() == [0xFF, 0x00])
    }

    @Test("lines may be longer than what is read at once") func longLines() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "faust-lines-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let long = String(repeating: "x", count: 200_000)
        try Data((long + "\nshort\n" + long).utf8).write(to: file)
        let handle = try FileHandle(forReadingFrom: file)
        var reader = LineReader(descriptor: handle.fileDescriptor)
        #expect(try reader.next()?.count == 200_000)
        #expect(try reader.next() == Array("short".utf8))
        #expect(try reader.next()?.count == 200_000)
        #expect(try reader.next() == nil)
        try handle.close()
    }

    @Test("a line above the limit is an error and not memory") func limit() {
        #expect(throws: FaustError.self) { try lines(of: Array("0123456789".utf8), limit: 8) }
    }

    @Test("a descriptor that can't be read is an error") func unreadable() {
        var reader = LineReader(descriptor: -1)
        let error = #expect(throws: FaustError.self) { try reader.next() }
        #expect(error?.code == .storage)
    }
}
