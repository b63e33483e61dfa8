// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation

/// A directory that is removed with its last reference.
final class TemporaryDirectory: Sendable {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "faust-store-\(UUID().uuidString)"
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
