// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import ArgumentParser
package import FaustCore
import Logging

/// `agents`: lists the agents of the app.
package struct AgentsCommand: AppCommand {
    package static let configuration = CommandConfiguration(
        commandName: "agents",
        abstract: "List the app's agents with what they read."
    )

    @Flag(help: "Include agents that read a channel, which nobody else can send to.")
    package var local = false
    @OptionGroup(title: "Options of all commands") package var global: GlobalOptions

    /// What the options are without any argument.
    package init() {}

    /// Prints the table.
    ///
    /// - Parameter app: The app of the program.
    /// - Throws: ``FaustError`` when an option can't be followed.
    package func run(_ app: App) async throws {
        try global.apply(to: app, standardLevel: .warning)
        let agents = app.agents.filter { local || !$0.readsChannel }
        let table = TextTable(
            title: "Agents",
            headers: ["name", "topic", "help"],
            rows: agents.map { ["@\($0.name)", $0.input.joined(separator: ","), $0.help] }
        )
        StandardOutput.write(table, json: global.json)
    }
}
