// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import Logging

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Log lines for people: time, level, label, message, then the metadata as `key=value`.
///
///     2026-11-21 07:48:12.123Z INFO  orders: worker ready  lanes=2 partitions=8
///
/// Times are UTC. Control characters are escaped, so that a message is always one line and can't steer the terminal. On a
/// terminal the level is coloured.
package struct ConsoleLogHandler: LogHandler {
    /// The least level that is written.
    package var logLevel: Logger.Level
    /// Goes with every line; the metadata of an event wins over it.
    package var metadata: Logger.Metadata = [:]
    /// Gives metadata at the time of the event, from task locals for instance.
    package var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let output: LogOutput
    private let now: @Sendable () -> Date

    /// A handler for the loggers of a label.
    ///
    /// - Parameters:
    ///   - label: The logger's label.
    ///   - level: The least level that is written.
    ///   - output: Where the lines go.
    ///   - metadataProvider: Gives metadata at the time of the event.
    ///   - now: The time; the system's by default.
    package init(
        label: String,
        level: Logger.Level,
        output: LogOutput,
        metadataProvider: Logger.MetadataProvider? = nil,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.label = label
        self.logLevel = level
        self.output = output
        self.metadataProvider = metadataProvider
        self.now = now
    }

    /// A piece of the metadata that goes with every line.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a line.
    package func log(event: LogEvent) {
        output.write(line(for: event))
    }

    func line(for event: LogEvent) -> String {
        let style = LevelStyle(event.level)
        var line = LogTime.text(now()) + " "
        line += output.terminal.usesColor ? "\u{1B}[\(style.color)m\(style.name)\u{1B}[0m" : style.name
        line += " \(DisplayText.escaped(label)): \(DisplayText.escaped(event.message.description))"
        let pairs = merged(event)
        if !pairs.isEmpty {
            line += " "
            for (key, value) in pairs.sorted(by: { $0.key < $1.key }) {
                line += " \(DisplayText.escaped(key))=\(Self.quoted(value.description))"
            }
        }
        return line + "\n"
    }

    private func merged(_ event: LogEvent) -> Logger.Metadata {
        var pairs = metadata
        if let metadataProvider { pairs.merge(metadataProvider.get()) { $1 } }
        if let error = event.error { pairs["error"] = "\(error)" }
        if let own = event.metadata { pairs.merge(own) { $1 } }
        return pairs
    }

    /// The value as it is if it is one word, otherwise in quotation marks.
    private static func quoted(_ value: String) -> String {
        let text = DisplayText.escaped(value)
        guard text.isEmpty || text.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" }) else { return text }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}

/// The name of a level in five columns, and its colour as an ANSI code.
private struct LevelStyle {
    let name: String
    let color: String

    init(_ level: Logger.Level) {
        (name, color) =
            switch level {
            case .trace: ("TRACE", "90")
            case .debug: ("DEBUG", "36")
            case .info: ("INFO ", "32")
            case .notice: ("NOTE ", "34")
            case .warning: ("WARN ", "33")
            case .error: ("ERROR", "31")
            case .critical: ("CRIT ", "1;31")
            }
    }
}
