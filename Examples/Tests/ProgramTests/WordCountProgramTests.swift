// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing
import WordCounting

/// The book that ships with the examples.
let book = URL(filePath: #filePath)
    .deletingLastPathComponent()
    .appending(path: "../../Data/alice29.txt")
    .standardizedFileURL

/// What a shell command prints.
func shell(_ command: String) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command]
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
}

@Suite(.serialized, .timeLimit(.minutes(2))) struct WordCountProgramTests {
    private func expectedListing(of text: URL) throws -> String {
        try shell(
            """
            export LC_ALL=C
            tr A-Z a-z < '\(text.path)' | grep -aoE "[a-z]+('[a-z]+)*" | sort | uniq -c | sort -k1,1nr -k2,2
            """
        )
    }

    @Test("the program counts the words of the book as sort | uniq -c does") func book() async throws {
        let folder = try TemporaryFolder()
        let result = folder.url.appending(path: "counts.txt")
        let program = try Program("WordCount", [ProgramTests.book.path, result.path])
        #expect(await program.exitStatus() == 0)
        let listing = try String(contentsOf: result, encoding: .utf8)
        #expect(try listing == expectedListing(of: ProgramTests.book))
        #expect(listing.hasPrefix("   1642 the\n"))
        #expect(program.lines.contains { $0.contains("words/s") })
        #expect(program.lines.contains { $0.hasPrefix("the ") && $0.contains("1642") })
    }

    @Test("a text that does not exist is an error") func missingText() async throws {
        let program = try Program("WordCount", ["/does/not/exist"])
        #expect(await program.exitStatus() == 1)
        #expect(program.lines.contains { $0.hasPrefix("the words were not counted") })
    }
}
