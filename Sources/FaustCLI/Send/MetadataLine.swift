// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import FaustCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What `send` prints for a message that has arrived.
package enum MetadataLine {
    private struct Fields: Encodable {
        var topic: String
        var partition: Int32
        var offset: Int64
        var timestamp: Int64
    }

    /// The metadata as a JSON object in one line, its keys in alphabetical order; the timestamp is in milliseconds.
    package static func text(_ metadata: RecordMetadata) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let fields = Fields(
            topic: metadata.topicPartition.topic,
            partition: metadata.topicPartition.partition,
            offset: metadata.offset,
            timestamp: metadata.timestampMilliseconds
        )
        return String(decoding: try encoder.encode(fields), as: UTF8.self)
    }
}
