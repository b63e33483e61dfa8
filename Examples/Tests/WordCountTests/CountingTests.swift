// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Synchronization
import Testing
import WordCounting

@Suite struct CountingProgressTests {
    @Test("it is complete when the text has ended and every line and word is done") func completion() {
        let completions = Mutex(0)
        let progress = CountingProgress { completions.withLock { $0 += 1 } }
        progress.note { $0.linesRead = 1 }
        progress.note { $0.counted = 2 }
        progress.note {
            $0.linesSplit = 1
            $0.words = 2
        }
        #expect(completions.withLock { $0 } == 0)
        progress.note { $0.isEndOfText = true }
        #expect(completions.withLock { $0 } == 1)
        progress.note { _ in }
        #expect(completions.withLock { $0 } == 1)
    }

    @Test("an empty text is complete at its end") func emptyText() {
        let completions = Mutex(0)
        CountingProgress { completions.withLock { $0 += 1 } }.note { $0.isEndOfText = true }
        #expect(completions.withLock { $0 } == 1)
    }
}

@Suite struct TextLinesTests {
    @Test("lines are read whole, whatever their ends") func lines() throws {
        let long = String(repeating: "x", count: 200_000)
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).txt")
        try Data("one\r\n\n\(long)\nlast".utf8).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        #expect(try Array(TextLines(ofFileAt: path.path)) == ["one", "", long, "last"])
    }

    @Test("a file that does not exist is an error") func missing() {
        #expect(throws: (any Error).self) { try TextLines(ofFileAt: "/does/not/exist") }
    }
}
