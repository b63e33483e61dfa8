// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust

/// Counts the views of each page.
struct ViewCounter {
    let app = App("page-views")
    let views: Topic<Bytes?, PageView>
    let counts: Table<String, Int>

    /// Declares the app.
    ///
    /// - Parameters:
    ///   - samples: How many made-up views the program sends itself.
    ///   - output: Prints a line.
    init(samples: Int, output: @escaping @Sendable (String) -> Void = { print($0) }) {
        let views = app.topic("page_views", value: PageView.self)
        let counts = app.table("page_view_counts", key: String.self, default: 0, help: "The views of each URL.")
        (self.views, self.counts) = (views, counts)

        app.agent("count", views, help: "Counts page views by URL.") { stream in
            // Views come without keys, to any partition. Grouped by URL, those of a page come to one, where its count is.
            for try await view in stream.groupBy(\.url) {
                counts[view.url] += 1
                output("\(view.url): \(counts[view.url])")
            }
        }

        app.task {
            for view in PageView.samples(samples) { try await views.post(view, key: nil) }
        }
    }
}
