// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import BookSupport
import Foundation
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct WordCountProgramTests {
    @Test("the program counts the words of the book as sort | uniq -c does") func book() async throws {
        let folder = try TemporaryFolder()
        let result = folder.url.appending(path: "counts.txt")
        let program = try Program("WordCount", [Book.url.path, result.path])
        #expect(await program.exitStatus() == 0)
        let listing = try String(contentsOf: result, encoding: .utf8)
        #expect(try listing == Book.shellListing())
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
