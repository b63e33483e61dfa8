// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCLI
import FaustCore
import Foundation
import Logging
import Testing

@Suite struct ConsoleLogHandlerTests {
    private struct Failure: Error, CustomStringConvertible {
        var description: String { "no broker" }
    }

    /// What is written when a logger of the handler is used.
    private func written(
        color: Bool = false,
        level: Logger.Level = .info,
        provider: Logger.MetadataProvider? = nil,
        _ use: (inout Logger) -> Void
    ) throws -> String {
        let pipe = Pipe()
        let terminal = Terminal(isInteractive: color, usesColor: color, usesUnicode: false, columns: nil)
        let output = LogOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor, terminal: terminal)
        var logger = Logger(label: "orders") { label in
            ConsoleLogHandler(label: label, level: level, output: output, metadataProvider: provider) {
                Date(timeIntervalSince1970: 1_795_247_292.123)
            }
        }
        use(&logger)
        try pipe.fileHandleForWriting.close()
        return String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    }

    @Test("a line holds time, level, label, message and sorted metadata") func line() throws {
        let text = try written { logger in
            logger[metadataKey: "worker"] = "w1"
            logger.info("ready", metadata: ["partitions": "8", "name": "a b", "worker": "w2", "none": ""])
        }
        let expected = #"2026-11-21 07:48:12.123Z INFO  orders: ready  name="a b" none="" partitions=8 worker=w2"#
        #expect(text == expected + "\n")
    }

    @Test("what is below the level is not written") func level() throws {
        let text = try written(level: .warning) { logger in
            logger.info("no")
            logger.warning("yes")
        }
        #expect(text.hasSuffix(" WARN  orders: yes\n"))
        #expect(text.filter { $0 == "\n" }.count == 1)
    }

    @Test("a message is one line, and escape sequences in it are shown") func injection() throws {
        let text = try written { $0.error("a\nb\u{1B}[2J", metadata: ["k\n": #"x"y=\"#]) }
        #expect(text.hasSuffix(#" ERROR orders: a\nb\u{1b}[2J  k\n="x\"y=\\""# + "\n"))
        #expect(text.filter { $0 == "\n" }.count == 1)
    }

    @Test("on a terminal the level is coloured") func color() throws {
        let text = try written(color: true) { $0.error("x") }
        #expect(text.contains("\u{1B}[31mERROR\u{1B}[0m orders: x"))
    }

    @Test("errors and provided metadata are shown") func provided() throws {
        let provider = Logger.MetadataProvider { ["trace": "7"] }
        let text = try written(provider: provider) { $0.critical("lost", error: Failure()) }
        #expect(text.hasSuffix(#" CRIT  orders: lost  error="no broker" trace=7"# + "\n"))
    }
}

@Suite struct LogTimeTests {
    @Test(
        "times are Gregorian and in UTC",
        arguments: [
            (0.0, "1970-01-01 00:00:00.000Z"),
            (-0.001, "1969-12-31 23:59:59.999Z"),
            (951_782_400, "2000-02-29 00:00:00.000Z"),
            (1_709_251_199.5, "2024-02-29 23:59:59.500Z"),
            (4_107_542_400, "2100-03-01 00:00:00.000Z"),
            (-2_203_891_200, "1900-03-01 00:00:00.000Z"),
        ]
    )
    func times(seconds: Double, text: String) {
        #expect(LogTime.text(Date(timeIntervalSince1970: seconds)) == text)
    }
}

@Suite struct LogOutputTests {
    @Test("a log file is appended to, and readable for user and group only") func appending() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "faust-log-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        for line in ["first\n", "second\n"] { try LogOutput(appendingTo: file.path).write(line) }
        #expect(try String(contentsOf: file, encoding: .utf8) == "first\nsecond\n")
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode.map { $0 & 0o007 } == 0)
    }

    @Test("a log file that can't be opened is an error that names it") func unwritable() {
        let error = #expect(throws: FaustError.self) { try LogOutput(appendingTo: "/nowhere/faust.log") }
        #expect(error?.code == .storage)
        #expect(error?.message.contains("/nowhere/faust.log") == true)
    }

    @Test("lines of several threads stay whole") func concurrentLines() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "faust-log-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let output = try LogOutput(appendingTo: file.path)
        DispatchQueue.concurrentPerform(iterations: 400) { index in
            output.write(String(repeating: "\(index % 10)", count: 500) + "\n")
        }
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 400)
        #expect(lines.allSatisfy { Set($0).count == 1 && $0.count == 500 })
    }
}
