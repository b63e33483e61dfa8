// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust

/// The page views of Faust's introduction, line by line as in Python.
public func pageViewsAsInFaust(_ output: @escaping Output) -> (app: App, views: Topic<Bytes?, PageView>) {
    let app = App("page-views", broker: "kafka://localhost") { $0.store = "rocksdb://" }
    let views = app.topic("page_views", value: PageView.self)
    let counts = app.table("page_view_counts", key: String.self, default: 0)

    app.agent("count", views) { stream in
        for try await view in stream.groupBy(\.id) {
            counts[view.id] += 1
            output("\(view.id): \(counts[view.id])")
        }
    }
    return (app, views)
}

/// The word count of Kafka Streams.
public func wordCountAsInKafkaStreams() -> (app: App, lines: Topic<Bytes?, String>, wordCounts: Topic<String, Int>) {
    let app = App("word-count", broker: "kafka://localhost")
    let lines = app.topic("lines", value: String.self)
    let wordCounts = app.topic("word-counts", key: String.self, value: Int.self)
    let counts = app.table("counts", key: String.self, default: 0)

    app.agent("count-words", lines) { stream in
        let words = stream.flatMap { $0.lowercased().split { !$0.isLetter }.map(String.init) }
        for try await word in words.groupBy(name: "word", { $0 }) { counts[word] += 1 }
    }
    counts.onChange { word, _, count in try await wordCounts.send(count, key: word) }
    return (app, lines, wordCounts)
}
