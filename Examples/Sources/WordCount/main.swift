// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// Counts the words of a text, as one would with Faust or Kafka Streams: lines go to a topic, an agent takes them apart
// and posts every word under itself as the key to a second topic, and another agent counts. Equal words have equal keys,
// so they meet in one partition and thus in one dictionary.
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

// The dictionaries live in memory and start empty with the program, so what they count has to start with it too. Hence the
// log in memory; and on a log that stays (BROKER_URL=log://) the topics are new ones in every run.
let run = String(UInt64.random(in: 0...UInt64.max), radix: 36)
let app = App("word-count", broker: "memory://") {
    $0.parallelism = ProcessInfo.processInfo.activeProcessorCount
}
let hour = TopicConfiguration(retention: .seconds(3_600))
let lines = app.topic("word-count-\(run)-lines", value: String.self, configuration: hour)
let words = app.topic("word-count-\(run)-words", key: String.self, value: Int.self, configuration: hour)

let progress = CountingProgress { app.stop() }
let totals = WordTotals()

app.agent("split", lines, help: "Takes lines apart into words.") { stream in
    for try await line in stream {
        let found = Tokenizer.words(of: line)
        for word in found { try await words.post(1, key: word) }
        progress.note {
            $0.linesSplit += 1
            $0.words += found.count
        }
    }
}

app.agent("count", words, help: "Counts the words of its partitions.") { stream in
    var counts: [String: Int] = [:]
    for try await (word, number) in stream.items() {
        counts[word, default: 0] += number
        progress.note { $0.counted += number }
    }
    totals.add(counts)
}

app.task {
    for line in try TextLines(ofFileAt: text) {
        try await lines.post(line, key: nil)
        progress.note { $0.linesRead += 1 }
    }
    progress.note { $0.isEndOfText = true }
}

let clock = ContinuousClock()
let start = clock.now
let progressLine = ProgressLine()

app.task {
    while true {
        try await clock.sleep(for: progressLine.interval)
        progressLine.show(progress.numbers, after: start.duration(to: clock.now))
    }
}

do {
    try await app.run()
} catch {
    FileHandle.standardError.write(Data("the words were not counted: \(error)\n".utf8))
    exit(1)
}

progressLine.show(progress.numbers, after: start.duration(to: clock.now), isLast: true)
let table = totals.table
print("\n" + table.chart(limit: 20))
try table.listing.write(toFile: result, atomically: true, encoding: .utf8)
print("\(table.total) words, \(table.rows.count) different ones; all counts are in \(result)")
