// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import ArgumentParser

/// What `send` takes besides the global options.
package struct SendOptions: ParsableArguments {
    @Argument(help: "A topic, or an agent with an @ before its name.")
    package var entity: SendTarget

    @Argument(
        help: "The value; without it null is sent, and with - each line of the standard input becomes a message."
    )
    package var value: String?

    @Option(name: [.customShort("k"), .long], help: "The key; without it null is sent.")
    package var key: String?

    @Option(help: "The partition, from 0; without it the key decides.")
    package var partition: Int32?

    @Option(name: [.customShort("r"), .long], help: "How often to send it.")
    package var `repeat`: Int = 1

    @Option(name: .customLong("header"), help: ArgumentHelp("A header; may be given again.", valueName: "name=value"))
    package var headers: [HeaderArgument] = []

    @Option(help: ArgumentHelp("The codec of the key; the topic's by default.", valueName: "codec"))
    package var keySerializer: String?

    @Option(help: ArgumentHelp("The codec of the value; the topic's by default.", valueName: "codec"))
    package var valueSerializer: String?

    /// What the options are without any argument.
    package init() {}

    /// Rejects what can't be sent.
    ///
    /// - Throws: `ValidationError`.
    package func validate() throws {
        if `repeat` < 1 { throw ValidationError("--repeat must be at least 1") }
        if let partition, partition < 0 { throw ValidationError("--partition counts from 0") }
    }

    /// Whether the values are the lines of the standard input.
    package var readsInput: Bool { value == "-" }
}

/// Where `send` sends to.
package enum SendTarget: Sendable, Equatable, ExpressibleByArgument {
    /// A topic by its name.
    case topic(String)
    /// The channel of an agent, by the agent's name.
    case agent(String)

    /// `@name` is an agent, all else a topic; `nil` if there is no name.
    package init?(argument: String) {
        if argument.hasPrefix("@") {
            guard argument.count > 1 else { return nil }
            self = .agent(String(argument.dropFirst()))
        } else {
            guard !argument.isEmpty else { return nil }
            self = .topic(argument)
        }
    }
}
