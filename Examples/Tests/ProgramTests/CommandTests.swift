// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct CommandTests {
    @Test("without a command the program shows what it can do and fails") func noCommand() async throws {
        let program = try Program("HelloWorld")
        #expect(await program.exitStatus() == 64)
        let text = program.lines.joined(separator: "\n")
        for command in ["worker", "send", "agents", "topics", "settings"] { #expect(text.contains("  \(command)")) }
        #expect(text.contains("HelloWorld <subcommand>"))
    }

    @Test("a command line that makes no sense ends with 64") func usage() async throws {
        #expect(try await Program("HelloWorld", ["wroker"]).exitStatus() == 64)
        #expect(try await Program("HelloWorld", ["send"]).exitStatus() == 64)
        #expect(try await Program("HelloWorld", ["--help"]).exitStatus() == 0)
        #expect(try await Program("HelloWorld", ["--version"]).exitStatus() == 0)
    }

    @Test("agents are listed with their topics") func agents() async throws {
        let program = try Program("Withdrawals", ["agents", "--json"])
        #expect(await program.exitStatus() == 0)
        #expect(
            program.lines == [
                #"[["@track","withdrawals","Sums up withdrawals by country and picks out the large ones."]]"#
            ]
        )
        let local = try Program("Withdrawals", ["agents", "--local"])
        #expect(await local.exitStatus() == 0)
        #expect(local.lines.contains { $0.contains("@report") && $0.contains("suspicious") })
    }

    @Test("topics are listed with what they hold") func topics() async throws {
        let program = try Program("Orders", ["topics", "--json"], environment: ["TOPIC_PARTITIONS": "3"])
        #expect(await program.exitStatus() == 0)
        #expect(program.lines == [#"[["orders","3","raw","json","@spending"]]"#])
    }

    @Test("settings show what the environment and the command line say, and no password") func settings() async throws {
        let program = try Program(
            "Orders",
            ["settings", "-D", "/somewhere"],
            environment: ["BROKER_URL": "kafka://me:hunter2@host", "APP_PARALLELISM": "3"]
        )
        #expect(await program.exitStatus() == 0)
        #expect(program.lines.contains { $0.hasPrefix("parallelism ") && $0.contains(" 3 ") })
        #expect(program.lines.contains { $0.hasPrefix("datadir ") && $0.contains(" /somewhere ") })
        #expect(!program.lines.contains { $0.contains("hunter2") })
    }

    @Test("a setting that can't be is an error") func wrongSetting() async throws {
        let program = try Program("HelloWorld", ["worker"], environment: ["BROKER_URL": "pigeon://loft"])
        #expect(await program.exitStatus() == 1)
        #expect(program.lines.contains { $0.hasPrefix("Error: ") && $0.contains("pigeon://") })
    }

    @Test("what the environment says wrong is an error of every command") func wrongEnvironment() async throws {
        let program = try Program("HelloWorld", ["settings"], environment: ["APP_PARALLELISM": "many"])
        #expect(await program.exitStatus() == 1)
        #expect(program.lines.count == 1)
        #expect(program.lines.contains { $0.contains("APP_PARALLELISM") && $0.contains("many") })
    }
}
