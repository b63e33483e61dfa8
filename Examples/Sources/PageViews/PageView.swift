// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust

/// Somebody has looked at a page.
@Record
struct PageView {
    var url: String
    var user: String
}

extension PageView {
    /// Made-up views, the same in every run.
    ///
    /// - Parameter count: How many.
    /// - Returns: Half of them are of the page `/`.
    static func samples(_ count: Int) -> [PageView] {
        let pages = ["/", "/tea", "/", "/coffee", "/", "/tea/green"]
        return (0..<count)
            .map { number in
                PageView(url: pages[number % pages.count], user: "user-\(number * 7 % 20)")
            }
    }
}
