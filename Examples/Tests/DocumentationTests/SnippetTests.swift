// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing

/// The repository that this file lies in.
let repository = URL(filePath: #filePath)
    .deletingLastPathComponent()
    .appending(path: "../../..")
    .standardizedFileURL

/// Reads a file of the repository.
func contents(_ path: String) throws -> String {
    try String(contentsOf: repository.appending(path: path), encoding: .utf8)
}

/// The paths of the files below a folder of the repository with an extension.
func files(below folder: String, withExtension suffix: String) -> [String] {
    guard let paths = FileManager.default.enumerator(atPath: repository.appending(path: folder).path) else { return [] }
    return paths.compactMap { $0 as? String }
        .filter { $0.hasSuffix("." + suffix) }
        .map { "\(folder)/\($0)" }
        .sorted()
}

/// A fenced block of Swift in a Markdown file.
struct Snippet: Sendable, CustomTestStringConvertible {
    /// The Markdown file.
    var document: String
    /// The line of the opening fence, from 1.
    var line: Int
    /// The comment in the line above the fence, without its marks.
    var annotation: String?
    /// The lines between the fences.
    var code: [String]

    var testDescription: String { "\(document):\(line)" }

    /// All blocks of Swift in a text.
    static func all(in text: String, document: String) -> [Snippet] {
        var snippets: [Snippet] = []
        var open: Snippet?
        var previous = ""
        for (index, line) in text.components(separatedBy: "\n").enumerated() {
            if var snippet = open {
                if line == "```" {
                    snippets.append(snippet)
                    open = nil
                } else {
                    snippet.code.append(line)
                    open = snippet
                }
            } else if line == "```swift" {
                open = Snippet(document: document, line: index + 1, annotation: comment(previous), code: [])
            }
            if !line.isEmpty { previous = line }
        }
        return snippets
    }

    private static func comment(_ line: String) -> String? {
        guard line.hasPrefix("<!-- "), line.hasSuffix(" -->") else { return nil }
        return String(line.dropFirst(5).dropLast(4))
    }
}

/// The lines without the indentation that they share.
func unindented(_ lines: some Sequence<String>) -> [String] {
    let margin = lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    return lines.map { String($0.dropFirst(margin)) }
}

/// Whether the lines stand in a text one after the other, whatever their common indentation.
func contains(_ text: String, _ lines: [String]) -> Bool {
    let all = text.components(separatedBy: "\n")
    let wanted = unindented(lines)
    guard !wanted.isEmpty, all.count >= wanted.count else { return false }
    return (0...(all.count - wanted.count))
        .contains { start in
            unindented(all[start..<(start + wanted.count)]) == wanted
        }
}

let documents: [String] =
    ["README.md", "CONTRIBUTING.md", "Architecture.md"]
    .filter {
        FileManager.default.fileExists(atPath: repository.appending(path: $0).path)
    } + files(below: "Documentation", withExtension: "md")

@Suite struct SnippetTests {
    static var snippets: [Snippet] {
        documents.flatMap { Snippet.all(in: (try? contents($0)) ?? "", document: $0) }
    }

    @Test("every Swift block of the documents is part of a file that is compiled", arguments: snippets)
    func compiled(snippet: Snippet) throws {
        let annotation = try #require(
            snippet.annotation,
            "say above the block where it is compiled: <!-- source: Examples/Sources/… -->"
        )
        if annotation.hasPrefix("not compiled: ") { return }
        try #require(annotation.hasPrefix("source: "))
        let path = String(annotation.dropFirst("source: ".count))
        #expect(try contains(contents(path), snippet.code), "the block differs from \(path)")
    }

    @Test("blocks are found with their annotation, and compared without their indentation") func parser() throws {
        let text = "<!-- source: a.swift -->\n\n```swift\nlet a = 1\n\nlet b = 2\n```\nText\n```sh\nls\n```\n"
        let snippet = try #require(Snippet.all(in: text, document: "x.md").first)
        #expect(Snippet.all(in: text, document: "x.md").count == 1)
        #expect(snippet.annotation == "source: a.swift")
        #expect(snippet.code == ["let a = 1", "", "let b = 2"])
        #expect(contains("struct S {\n    let a = 1\n\n    let b = 2\n}", snippet.code))
        #expect(!contains("let a = 1\nlet b = 2", snippet.code))
    }
}
