// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import FaustTesting
import Foundation
import Testing

/// The suite that every transport passes, unchanged, against a real broker.
@Suite(.needsBroker, .timeLimit(.minutes(10)))
struct KafkaConformanceTests {
    /// What tansu 0.6.0 does wrong whoever asks.
    ///
    /// The Python client of Confluent sees the same: after one batch of five
    /// messages its `get_watermark_offsets` gives (0, 1), `offsets_for_times` gives 0 for the time of the third, a partition
    /// that is assigned at its end yields offsets 1 to 4, a read_committed consumer gets the messages of an aborted
    /// transaction, one that is assigned at offset 500 of 1 waits forever instead of being told that it is out of range, and
    /// `describe_consumer_groups` shows a stable group with an empty list of members.
    private static let lacking: [TransportConformance.Capability: String] = [
        .timestampLookup: "tansu answers with the first offset of a batch, not with that of the message",
        .groupDescription: "tansu describes a stable group without its members",
        .transactions: "tansu shows the messages of aborted transactions to readers of committed ones",
    ]

    /// Checks without a capability of their own that fail for the same reasons.
    private static let spoilt: [String: String] = {
        let end = "tansu takes the first offset of the last batch, plus one, for the end of a partition"
        return [
            "close settles what was sent before": end,
            "the end offset is the one that the next message gets": end,
            "creating a topic that exists leaves it as it is": end,
            "reading with reset to the latest leaves out what is there already": end,
            "a group that resets to the latest leaves out what is there": end,
            "a position that is gone is reset": "tansu does not tell that an offset is out of range",
            // What may happen to a group whose leader stays is checked: 'one owner at all times while one member stays'.
            "partitions have one owner at all times while members come and go":
                "tansu goes on naming a leader that has left while the group was forming, after it has confirmed the "
                + "leave and for longer than the session: whoever joins waits for that leader's shares in vain, is "
                + "told that the group is rebalancing, joins the same generation again, and so on",
        ]
    }()

    @Test("a Kafka-compatible broker conforms", arguments: TransportConformance.checks)
    func conforms(_ check: TransportConformance.Check) async throws {
        if let reason = Self.spoilt[check.name] {
            FileHandle.standardError.write(Data("SKIPPED '\(check.name)': \(reason)\n".utf8))
            return
        }
        var configuration = TransportConformance.Configuration()
        configuration.missing = Self.lacking
        configuration.patience = .seconds(60)
        try await TransportConformance(configuration: configuration) { try Broker.transport() }.run(check)
    }

    @Test("the checks that are left out exist")
    func leftOutChecksExist() {
        #expect(Set(Self.spoilt.keys).isSubset(of: TransportConformance.checks.map(\.name)))
    }
}
#endif
