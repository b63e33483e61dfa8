// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Foundation
import WordCounting

/// Counts the words of a text, and stops when all are counted.
struct WordCounter {
    let app: App
    let progress: CountingProgress
    let totals = WordTotals()

    /// Declares the app.
    ///
    /// - Parameter text: The path of the text.
    init(text: String) {
        // A table survives its program, but here every run counts anew. Hence the log in memory; and on a log that stays
        // (BROKER_URL=log://) the topics and the table are new ones in every run, and kept for an hour.
        let run = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let app = App("word-count", broker: "memory://") {
            $0.parallelism = ProcessInfo.processInfo.activeProcessorCount
        }
        let hour = TopicConfiguration(retention: .seconds(3_600))
        let lines = app.topic("word-count-\(run)-lines", value: String.self, configuration: hour)
        let words = app.topic("word-count-\(run)-words", key: String.self, value: Int.self, configuration: hour)
        let counts = app.table(
            "\(run)-counts",
            key: String.self,
            default: 0,
            help: "How often each word occurs.",
            configuration: TableConfiguration(
                store: "memory://",
                extraTopicConfigs: ["cleanup.policy": "compact,delete", "retention.ms": "3600000"]
            )
        )
        let (completion, complete) = AsyncStream.makeStream(of: Void.self)
        let progress = CountingProgress { complete.finish() }
        (self.app, self.progress) = (app, progress)

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
            for try await (word, number) in stream.items() {
                counts[word] += number
                progress.note { $0.counted += number }
            }
        }

        app.task {
            for line in try TextLines(ofFileAt: text) {
                try await lines.post(line, key: nil)
                progress.note { $0.linesRead += 1 }
            }
            progress.note { $0.isEndOfText = true }
        }

        app.task { [totals] in
            for await _ in completion {}
            try Task.checkCancellation()
            for try await (word, count) in counts.items() { totals.note(count, of: word) }
            app.stop()
        }
    }
}
