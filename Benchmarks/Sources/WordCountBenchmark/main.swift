// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Foundation
import Synchronization

// The whole path of the word count: lines are read from the embedded log, decoded and split; words are sent keyed by
// themselves, read again, decoded and counted. CPU time of the whole process per million words.
//
//     WordCountBenchmark TEXT [BROKER] [TIMES]

let arguments = CommandLine.arguments
guard arguments.count > 1, let text = try? String(contentsOfFile: arguments[1], encoding: .utf8) else {
    print("WordCountBenchmark TEXT [BROKER] [TIMES]")
    exit(64)
}
let broker = arguments.count > 2 ? arguments[2] : "memory://"
let times = arguments.count > 3 ? Int(arguments[3]) ?? 40 : 40
/// The words of a line.
@Sendable nonisolated func words(of line: String) -> [Substring] { line.split { !$0.isLetter } }
let lineTexts = text.split(whereSeparator: \.isNewline).map(String.init)
let wordsPerPass = lineTexts.reduce(0) { $0 + words(of: $1).count }
let total = wordsPerPass * times

func cpuSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

let app = App("word-count-benchmark", broker: broker)
let lines = app.topic("lines", schema: Schema(key: Serde<Bytes?>.raw, value: Serde<String>.json), partitions: 1)
let wordTopic = app.topic("words", schema: Schema(key: Serde<String>.string, value: Serde<Int>.json), partitions: 1)
let counted = Atomic<Int>(0)

app.agent("split", lines) { stream in
    for try await line in stream {
        for word in words(of: line) { try await wordTopic.post(1, key: word.lowercased()) }
    }
}
app.agent("count", wordTopic) { stream in
    var counts: [String: Int] = [:]
    for try await (word, number) in stream.items() {
        counts[word, default: 0] += number
        if counted.add(1, ordering: .relaxed).newValue == total { app.stop() }
    }
}
app.task {
    for _ in 0..<times {
        for line in lineTexts { try await lines.post(line, key: nil) }
    }
}

let (start, wall) = (cpuSeconds(), ContinuousClock.now)
try await app.run()
let (cpu, elapsed) = (cpuSeconds() - start, ContinuousClock.now - wall)
let millions = Double(total) / 1e6
let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
print(
    "\(broker): \(total) words,",
    String(format: "%.2f s CPU per million words, %.0f words/s", cpu / millions, Double(total) / seconds)
)
