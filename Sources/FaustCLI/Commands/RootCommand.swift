// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import ArgumentParser

/// What stands behind the name of the program: a command has to follow.
package struct RootCommand: ParsableCommand {
    /// The name is the program's, since every app is a program of its own.
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: programName,
            abstract: "A stream-processing app on swift-faust.",
            version: "swift-faust \(LibraryVersion.current)",
            subcommands: [
                WorkerCommand.self, SendCommand.self, AgentsCommand.self, TopicsCommand.self, TablesCommand.self,
                PlanCommand.self, SettingsCommand.self,
            ]
        )
    }

    private static var programName: String {
        let name = CommandLine.arguments.first?.split(separator: "/").last.map(String.init) ?? ""
        return name.isEmpty ? "app" : name
    }

    /// What the options are without any argument.
    package init() {}

    /// Shows the commands: none was named.
    ///
    /// - Throws: `ExitCode`: doing nothing must not look like success to what has started the program.
    package func run() throws {
        StandardError.write(Self.helpMessage() + "\n")
        throw ExitCode(ExitStatus.usage)
    }
}
