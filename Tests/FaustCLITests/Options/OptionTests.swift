// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import FaustCLI
import Logging
import Testing

@Suite struct GlobalOptionTests {
    @Test(
        "the level comes from --debug, --loglevel, --quiet or the command",
        arguments: [
            ([], Logger.Level.info),
            (["-q"], .error),
            (["--debug"], .debug),
            (["-l", "WARN"], .warning),
            (["--loglevel", "crit", "--quiet"], .critical),
            (["-l", "error"], .error),
            (["-l", "trace"], .trace),
        ]
    )
    func level(arguments: [String], expected: Logger.Level) throws {
        #expect(try GlobalOptions.parse(arguments).level(standard: .info) == expected)
    }

    @Test("the short names are Faust's") func shortNames() throws {
        let options = try GlobalOptions.parse(["-f", "w.log", "-D", "/data", "-q", "--json"])
        #expect(options.logfile == "w.log")
        #expect(options.datadir == "/data")
        #expect(options.quiet)
        #expect(options.json)
        #expect(options.logDescription(standard: .info) == "w.log (error)")
        #expect(try GlobalOptions.parse([]).logDescription(standard: .info) == "-stderr- (info)")
    }

    @Test(
        "what makes no sense is refused",
        arguments: [["-l", "loud"], ["--debug", "-l", "info"], ["-f", ""], ["-D", ""]]
    )
    func refused(arguments: [String]) {
        #expect(throws: (any Error).self) { try GlobalOptions.parse(arguments) }
    }
}

@Suite struct SendOptionTests {
    @Test("an entity is a topic, or an agent after an @") func entity() throws {
        #expect(try SendOptions.parse(["orders"]).entity == .topic("orders"))
        #expect(try SendOptions.parse(["@adder", "3"]).entity == .agent("adder"))
        #expect(throws: (any Error).self) { try SendOptions.parse(["@"]) }
        #expect(throws: (any Error).self) { try SendOptions.parse([]) }
    }

    @Test("everything about a message can be given") func message() throws {
        let options = try SendOptions.parse([
            "orders", #"{"amount": 3}"#, "-k", "alice", "--partition", "2", "-r", "5", "--header", "a=b=c", "--header",
            "empty=", "--header", "null", "--key-serializer", "raw", "--value-serializer", "json",
        ])
        #expect(options.value == #"{"amount": 3}"#)
        #expect(options.key == "alice")
        #expect(options.partition == 2)
        #expect(options.repeat == 5)
        #expect(options.headers.map(\.name) == ["a", "empty", "null"])
        #expect(options.headers.map(\.value) == ["b=c", "", nil])
        #expect(options.keySerializer == "raw")
        #expect(options.valueSerializer == "json")
        #expect(!options.readsInput)
    }

    @Test("no value is null, a single dash reads the input, and -- lets a value begin with a dash") func values() throws
    {
        #expect(try SendOptions.parse(["orders"]).value == nil)
        #expect(try SendOptions.parse(["orders", "-"]).readsInput)
        #expect(try SendOptions.parse(["orders", "--", "-5"]).value == "-5")
    }

    @Test(
        "what can't be sent is refused",
        arguments: [
            ["o", "1", "-r", "0"], ["o", "1", "--partition", "-1"], ["o", "1", "--header", "=x"], ["o", "1", "2"],
            ["o", "1", "--partition", "4294967296"],
        ]
    )
    func refused(arguments: [String]) {
        #expect(throws: (any Error).self) { try SendOptions.parse(arguments) }
    }
}

@Suite struct WorkerOptionTests {
    @Test("the shutdown timeout is in seconds, and the setting's unless given") func timeout() throws {
        #expect(try WorkerOptions.parse([]).shutdownTimeout == nil)
        #expect(try WorkerOptions.parse(["--shutdown-timeout", "2.5"]).shutdownTimeout == .milliseconds(2_500))
        for value in ["-1", "nan", "inf", "x", "1e9"] {
            #expect(throws: (any Error).self) { try WorkerOptions.parse(["--shutdown-timeout=\(value)"]) }
        }
    }
}
