// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// Counts the words of a text, as one would with Faust or Kafka Streams: lines go to a topic, an agent takes them apart
// and posts every word under itself as the key to a second topic, and another agent counts in a table. Equal words have
// equal keys, so they meet in one partition, which is where the table has their count.
//
//     swift run WordCount [TEXT [RESULT]]
//
// It prints the most frequent words, writes all counts to a file, and ends.

import Faust
import Foundation
import WordCounting

let book = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Data/alice29.txt")
let arguments = Array(CommandLine.arguments.dropFirst())
let text = arguments.first ?? book.standardizedFileURL.path
let result = arguments.dropFirst().first ?? "word-counts.txt"

let counter = WordCounter(text: text)
let clock = ContinuousClock()
let start = clock.now
let progressLine = ProgressLine()

counter.app.task {
    while true {
        try await clock.sleep(for: progressLine.interval)
        progressLine.show(counter.progress.numbers, after: start.duration(to: clock.now))
    }
}

do {
    try await counter.app.run()
} catch {
    FileHandle.standardError.write(Data("the words were not counted: \(error)\n".utf8))
    exit(1)
}

progressLine.show(counter.progress.numbers, after: start.duration(to: clock.now), isLast: true)
let table = counter.totals.table
print("\n" + table.chart(limit: 20))
try table.listing.write(toFile: result, atomically: true, encoding: .utf8)
print("\(table.total) words, \(table.rows.count) different ones; all counts are in \(result)")
