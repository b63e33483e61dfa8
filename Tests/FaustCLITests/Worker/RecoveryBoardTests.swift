// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCLI
import FaustCore
import Foundation
import Testing

@Suite("Progress of recoveries")
struct RecoveryBoardTests {
    private static let plain = Terminal(isInteractive: true, usesColor: false, usesUnicode: false, columns: 120)

    private func report(_ table: String, _ done: Int64, of total: Int64, seconds: Int64 = 2) -> RecoveryReport {
        RecoveryReport(table: table, partitions: 4, done: done, total: total, elapsed: .seconds(seconds))
    }

    @Test("the table that takes longest has a bar, with counts, rate and time left; the others percentages")
    func text() {
        let reports = [
            report("views", 90, of: 100), report("counts", 2_500_000, of: 10_000_000), report("b", 1, of: 2),
        ]
        #expect(
            RecoveryBoard.text(reports, for: Self.plain)
                == "Recovering counts [#####...............] 25 % 2,500,000 of 10,000,000, 1,250,000/s, 6 s left, b 50 %,"
                + " views 90 %"
        )
    }

    @Test("the text fits into the terminal")
    func narrow() {
        let terminal = Terminal(isInteractive: true, usesColor: true, usesUnicode: true, columns: 40)
        let text = RecoveryBoard.text([report("counts", 1, of: 2), report("views", 0, of: 9)], for: terminal)
        #expect(text == "Recovering views [\(String(repeating: "\u{2591}", count: 20))]")
    }

    @Test("long and unknown times, and nothing to do")
    func times() {
        let hours = RecoveryBoard.text([report("t", 1, of: 10_000)], for: Self.plain)
        #expect(hours.hasSuffix("1 of 10,000, 0/s, 5 h left"))
        #expect(RecoveryBoard.text([report("t", 10, of: 1_000)], for: Self.plain).hasSuffix("5/s, 3 min left"))
        #expect(RecoveryBoard.text([report("t", 0, of: 10, seconds: 0)], for: Self.plain).hasSuffix("0 of 10, 0/s"))
        #expect(RecoveryBoard.text([report("t", 0, of: 0)], for: Self.plain).contains("100 %"))
        #expect(RecoveryBoard.text([], for: Self.plain) == "")
    }

    /// What an output has written to a pipe.
    private func written(_ terminal: Terminal, _ body: (LogOutput) -> Void) throws -> String {
        let pipe = Pipe()
        body(LogOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor, terminal: terminal))
        try pipe.fileHandleForWriting.close()
        return String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    }

    @Test("a line of the log goes above the bar, and the bar goes when the last recovery is over")
    func drawing() throws {
        let text = try written(Self.plain) { output in
            let board = RecoveryBoard(output)
            board.take(report("t", 1, of: 2))
            output.write("a line\n")
            board.take(RecoveryReport(table: "t", partitions: 1, done: 2, total: 2, elapsed: .seconds(2), isOver: true))
            output.write("another\n")
        }
        let bar = RecoveryBoard.text([report("t", 1, of: 2)], for: Self.plain)
        #expect(text == "\(bar)\r\u{1B}[Ka line\n\(bar)\r\u{1B}[Kanother\n")
    }

    @Test(
        "nothing is drawn into files and on dumb terminals",
        arguments: [
            Terminal.plain, .interactive(columns: 80, environment: ["TERM": "dumb"]),
        ]
    )
    func files(_ terminal: Terminal) throws {
        let text = try written(terminal) { output in
            RecoveryBoard(output).take(report("t", 1, of: 2))
            output.write("a line\n")
        }
        #expect(text == "a line\n")
    }
}
