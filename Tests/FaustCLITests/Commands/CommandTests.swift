// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import FaustCLI
import Testing

@Suite struct CommandTests {
    @Test("the first word chooses the command") func commands() throws {
        #expect(try RootCommand.parseAsRoot(["worker"]) is WorkerCommand)
        #expect(try RootCommand.parseAsRoot(["agents", "--local"]) is AgentsCommand)
        #expect(try RootCommand.parseAsRoot(["tables"]) is TablesCommand)
        #expect(try RootCommand.parseAsRoot(["topics"]) is TopicsCommand)
        #expect(try RootCommand.parseAsRoot(["settings", "--json"]) is SettingsCommand)
        let send = try #require(try RootCommand.parseAsRoot(["send", "@greet", "-", "-q"]) as? SendCommand)
        #expect(send.options.entity == .agent("greet"))
        #expect(send.options.readsInput)
        #expect(send.global.quiet)
    }

    @Test("without a command nothing is done, with status 64") func none() throws {
        var command = try RootCommand.parseAsRoot([])
        #expect(command is RootCommand)
        #expect(throws: ExitCode(64)) { try command.run() }
    }

    @Test("options of the worker come before or after those of all commands") func worker() throws {
        let arguments = ["worker", "-l", "debug", "--shutdown-timeout", "2.5", "-D", "/data"]
        let worker = try #require(try RootCommand.parseAsRoot(arguments) as? WorkerCommand)
        #expect(worker.options.shutdownTimeout == .seconds(2.5))
        #expect(worker.global.datadir == "/data")
    }

    @Test("what no command knows is refused with 64", arguments: [["wroker"], ["worker", "--fast"], ["send"]])
    func refused(arguments: [String]) {
        do {
            _ = try RootCommand.parseAsRoot(arguments)
            Issue.record("accepted")
        } catch {
            #expect(RootCommand.exitCode(for: error).rawValue == 64)
        }
    }
}
