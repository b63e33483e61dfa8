// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import ArgumentParser
package import FaustCore
import Logging

/// `settings`: lists the settings in force.
package struct SettingsCommand: AppCommand {
    package static let configuration = CommandConfiguration(
        commandName: "settings",
        abstract: "List the settings in force and how to change them; passwords are masked."
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
        let settings = app.settings
        let rows = Settings.descriptions.map { setting in
            [
                setting.property,
                setting.text(in: settings),
                setting.environmentVariables.map(settings.environmentVariable).joined(separator: " "),
                setting.help,
            ]
        }
        let table = TextTable(
            title: "Settings of \(app.id)",
            headers: ["setting", "value", "environment", "help"],
            rows: rows
        )
        StandardOutput.write(table, json: global.json)
    }
}
