// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What `send` prints when it has sent the lines of the standard input.
package struct SendSummary: Encodable, Sendable {
    /// Where they were sent to.
    package var topic: String
    /// How many have arrived.
    package var messages: Int

    /// A summary.
    package init(topic: String, messages: Int) {
        self.topic = topic
        self.messages = messages
    }

    /// The summary as a JSON object in one line.
    package var line: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}
