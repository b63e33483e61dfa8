// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import ArgumentParser
package import FaustCore
import Logging

/// `tables`: lists the tables of the app.
package struct TablesCommand: AppCommand {
    package static let configuration = CommandConfiguration(
        commandName: "tables",
        abstract: "List the app's tables with the topics that they are recovered from."
    )

    @OptionGroup(title: "Options of all commands") package var global: GlobalOptions

    /// What the options are without any argument.
    package init() {}

    /// Prints the table.
    ///
    /// - Parameter app: The app of the program.
    /// - Throws: ``FaustError`` when an option can't be followed.
    package func run(_ app: App) async throws {
        try global.apply(to: app, standardLevel: .warning)
        StandardOutput.write(Self.table(of: app.tables), json: global.json)
    }

    /// The tables as a table.
    package static func table(of tables: [TableDescription]) -> TextTable {
        TextTable(
            title: "Tables",
            headers: ["name", "changelog", "help"],
            rows: tables.map { [$0.name, $0.changelogTopic, $0.help] }
        )
    }
}
