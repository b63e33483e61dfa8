// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCLI
import FaustCore
import Testing

@Suite struct MetadataLineTests {
    @Test("metadata is one line of JSON") func line() throws {
        let metadata = RecordMetadata(
            topicPartition: TopicPartition("or/ders", 3),
            offset: 42,
            timestampMilliseconds: 1_795_247_292_123
        )
        #expect(
            try MetadataLine.text(metadata)
                == #"{"offset":42,"partition":3,"timestamp":1795247292123,"topic":"or/ders"}"#
        )
    }
}
