// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import ArgumentParser
package import FaustCore
import Logging

/// `topics`: lists the topics that the app declares.
package struct TopicsCommand: AppCommand {
    package static let configuration = CommandConfiguration(
        commandName: "topics",
        abstract: "List the topics that the app declares."
    )

    @OptionGroup(title: "Options of all commands") package var global: GlobalOptions

    /// What the options are without any argument.
    package init() {}

    /// Prints the table; the broker is not asked.
    ///
    /// - Parameter app: The app of the program.
    /// - Throws: ``FaustError`` when an option can't be followed.
    package func run(_ app: App) async throws {
        try global.apply(to: app, standardLevel: .warning)
        let agents = app.agents
        let rows = app.declaredTopics.map { topic in
            let readers = agents.filter { !$0.readsChannel && $0.input.contains(topic.name) }.map { "@\($0.name)" }
            return [
                topic.name, "\(topic.partitions)", topic.keySerde, topic.valueSerde, readers.joined(separator: " "),
            ]
        }
        let table = TextTable(
            title: "Topics",
            headers: ["name", "partitions", "key", "value", "read by"],
            rows: rows
        )
        StandardOutput.write(table, json: global.json)
    }
}
