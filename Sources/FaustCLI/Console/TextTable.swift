// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Rows and columns of text, for a person or for a program.
///
/// On a terminal it is drawn with box characters, and the last column is wrapped to the terminal's width; redirected, it is
/// plain aligned text. Control characters in cells are escaped; a line feed begins a new line in its cell.
package struct TextTable: Sendable {
    /// Stands above the table.
    package var title: String?
    /// The names of the columns; may be empty.
    package var headers: [String]
    /// The cells, row by row; a short row is filled up with empty cells.
    package var rows: [[String]]

    /// A table.
    package init(title: String? = nil, headers: [String] = [], rows: [[String]]) {
        self.title = title
        self.headers = headers
        self.rows = rows
    }

    /// The table as a person sees it, each line with its line feed.
    package func text(for terminal: Terminal) -> String {
        terminal.usesUnicode ? boxed(columns: terminal.columns) : plain()
    }

    /// The rows as a JSON array of arrays in one line, as Faust prints them with `--json`; headers and title are left out.
    package func json() -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        // Arrays of strings can always be encoded.
        let data = (try? encoder.encode(rows)) ?? Data("[]".utf8)
        return String(decoding: data, as: UTF8.self)
    }

    private func plain() -> String {
        let rows = cells(lastColumn: nil)
        let widths = widths(of: rows)
        var lines = title.map { [DisplayText.escaped($0)] } ?? []
        for row in rows {
            for line in lineUp(row, widths: widths) {
                var text = line.joined(separator: "  ")
                while text.last == " " { text.removeLast() }
                lines.append(text)
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private func boxed(columns: Int?) -> String {
        var rows = cells(lastColumn: nil)
        var widths = widths(of: rows)
        if let columns, let last = widths.last {
            // Two columns of frame on the left, one space and one line after each cell.
            let others = widths.dropLast().reduce(0) { $0 + $1 + 3 } + 4
            if others + last > columns {
                rows = cells(lastColumn: max(Self.narrowestColumn, columns - others))
                widths = self.widths(of: rows)
            }
        }
        var text = top(widths: widths)
        for (index, row) in rows.enumerated() {
            for line in lineUp(row, widths: widths) { text += "│ " + line.joined(separator: " │ ") + " │\n" }
            if index == 0, !headers.isEmpty { text += Self.rule("├", "┼", "┤", widths) }
        }
        return text + Self.rule("└", "┴", "┘", widths)
    }

    private static let narrowestColumn = 16

    private func top(widths: [Int]) -> String {
        let rule = Self.rule("┌", "┬", "┐", widths)
        guard let title = title.map({ " " + DisplayText.escaped($0) + " " }), !title.isEmpty else { return rule }
        let room = rule.count - 3
        guard DisplayText.columns(of: title) <= room else { return title.dropFirst() + "\n" + rule }
        return "┌" + title + rule.dropFirst(1 + DisplayText.columns(of: title))
    }

    private static func rule(_ left: String, _ middle: String, _ right: String, _ widths: [Int]) -> String {
        left + widths.map { String(repeating: "─", count: $0 + 2) }.joined(separator: middle) + right + "\n"
    }

    /// The lines of every cell; the headers come first.
    private func cells(lastColumn limit: Int?) -> [[[String]]] {
        let all = headers.isEmpty ? rows : [headers] + rows
        let count = all.map(\.count).max() ?? 0
        return all.map { row in
            (0..<count)
                .map { column in
                    guard column < row.count else { return [""] }
                    let lines = DisplayText.escaped(row[column], keepingLines: true)
                        .split(separator: "\n", omittingEmptySubsequences: false)
                    guard let limit, column == count - 1 else { return lines.map(String.init) }
                    return lines.flatMap { DisplayText.wrapped($0, columns: limit) }
                }
        }
    }

    private func widths(of rows: [[[String]]]) -> [Int] {
        let count = rows.first?.count ?? 0
        return (0..<count)
            .map { column in
                rows.flatMap { $0[column] }.map { DisplayText.columns(of: $0) }.max() ?? 0
            }
    }

    /// The cells of a row, line by line, each filled up to the width of its column.
    private func lineUp(_ row: [[String]], widths: [Int]) -> [[String]] {
        let height = row.map(\.count).max() ?? 0
        return (0..<height)
            .map { line in
                row.enumerated()
                    .map { column, lines in
                        let text = line < lines.count ? lines[line] : ""
                        return text + String(repeating: " ", count: widths[column] - DisplayText.columns(of: text))
                    }
            }
    }
}
