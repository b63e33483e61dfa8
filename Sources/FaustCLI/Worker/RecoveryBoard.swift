// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import FaustCore
import Synchronization

/// Shows below the log on a terminal how far the recoveries of tables are.
package final class RecoveryBoard: Sendable {
    private let output: LogOutput
    private let reports = Mutex<[String: RecoveryReport]>([:])

    /// A board that draws on the terminal of a log.
    package init(_ output: LogOutput) {
        self.output = output
    }

    /// Shows the recoveries of an app that does not run yet; leaves them to the log where nothing can be drawn.
    package func follow(_ app: App) {
        guard output.terminal.canRedraw else { return }
        app.onRecoveryProgress { [self] in take($0) }
    }

    /// Draws a report together with the latest of other tables.
    package func take(_ report: RecoveryReport) {
        // Drawn under the lock, so that an older text does not come behind a newer one.
        reports.withLock { reports in
            reports[report.table] = report.isOver ? nil : report
            output.show(Self.text(Array(reports.values), for: output.terminal))
        }
    }

    /// The text for some reports: the table that takes longest with a bar, the others as percentages.
    ///
    /// - Parameters:
    ///   - reports: One report per table.
    ///   - terminal: Whose width and characters are used.
    /// - Returns: A text that fits into a line; empty without reports.
    package static func text(_ reports: [RecoveryReport], for terminal: Terminal) -> String {
        let never = Duration.seconds(Int64.max)
        let sorted = reports.sorted { left, right in
            let (first, second) = (left.timeLeft ?? never, right.timeLeft ?? never)
            return first == second ? left.table < right.table : first > second
        }
        guard let longest = sorted.first else { return "" }
        var text = "Recovering \(line(longest, terminal))"
        let width = (terminal.columns ?? 80) - 1
        for report in sorted.dropFirst() {
            let more = ", \(report.table) \(percent(report)) %"
            guard text.count + more.count <= width else { break }
            text += more
        }
        return String(text.prefix(width))
    }

    private static func line(_ report: RecoveryReport, _ terminal: Terminal) -> String {
        let barWidth = 20
        let filled = Int(Int64(barWidth) * percent(report) / 100)
        let (full, empty) = terminal.usesUnicode ? ("\u{2588}", "\u{2591}") : ("#", ".")
        let bar = String(repeating: full, count: filled) + String(repeating: empty, count: barWidth - filled)
        var line = "\(DisplayText.escaped(report.table)) [\(bar)] \(percent(report)) %"
        line += " \(grouped(report.done)) of \(grouped(report.total)), \(grouped(Int64(report.rate)))/s"
        if let left = report.timeLeft { line += ", \(duration(left)) left" }
        return line
    }

    private static func percent(_ report: RecoveryReport) -> Int64 {
        report.total > 0 ? min(max(Int64(Double(report.done) / Double(report.total) * 100), 0), 100) : 100
    }

    private static func grouped(_ number: Int64) -> String {
        var (rest, groups) = (String(number), [String]())
        while rest.count > 3 {
            groups.insert(String(rest.suffix(3)), at: 0)
            rest.removeLast(3)
        }
        return ([rest] + groups).joined(separator: ",")
    }

    private static func duration(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        return seconds < 60 ? "\(seconds) s" : seconds < 3_600 ? "\(seconds / 60) min" : "\(seconds / 3_600) h"
    }
}
