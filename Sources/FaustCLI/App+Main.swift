// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
public import FaustCore
import Foundation

extension App {
    /// Does what the command line asks for: the whole of a program's `main`.
    ///
    /// ```swift
    /// let app = App("orders")
    /// …
    /// await app.main()
    /// ```
    ///
    /// | command | does |
    /// |---|---|
    /// | `worker` | runs the agents until SIGINT or SIGTERM; a second signal ends it at once |
    /// | `send` | sends a message to a topic or an agent |
    /// | `agents`, `topics`, `settings` | list what the program has declared |
    /// | `plan` | lists the topics and permissions that it needs of a Kafka cluster |
    ///
    /// What the command line says beats the environment, which beats the program.
    ///
    /// It returns when the command has done its work, after a worker that was asked to stop. Otherwise it ends the
    /// process: with status 0 for `--help`, 64 when the command line is wrong, 1 when the command has failed.
    ///
    /// - Parameter arguments: The command line without the program's name; that of the process by default.
    public func main(_ arguments: [String]? = nil) async {
        StandardOutput.flushEveryLine()
        do {
            let command = try RootCommand.parseAsRoot(arguments)
            if let command = command as? any AppCommand {
                try await command.run(self)
            } else {
                var command = command
                try command.run()
            }
        } catch let error as FaustError {
            StandardError.write("Error: " + DisplayText.escaped(error.description, keepingLines: true) + "\n")
            exit(ExitStatus.failure)
        } catch {
            RootCommand.exit(withError: error)
        }
    }
}
