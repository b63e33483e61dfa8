// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Testing

@Suite struct GroupMemberDescriptionTests {
    @Test(
        "the URL of a worker is told by its client id",
        arguments: [
            ("swift-faust@http://node7:6066", "http://node7:6066"), ("a@b@https://me@host/x", "https://me@host/x"),
            ("app@http://a@https://b", "http://a@https://b"), ("swift-faust", nil), ("me@host", nil), ("", nil),
            ("http://a", nil),
        ]
    )
    func url(clientID: String, url: String?) {
        #expect(GroupMemberDescription(memberID: "1", clientID: clientID, assignment: []).url == url)
    }

    @Test("partitions of lead topics stand for those of their sets")
    func expansion() {
        let member = GroupMemberDescription(
            memberID: "1",
            clientID: "c",
            assignment: [TopicPartition("a", 1), TopicPartition("d", 0), TopicPartition("gone", 3)]
        )
        let sets = [CopartitionedSet(["a", "b", "c"]), CopartitionedSet(["d"]), CopartitionedSet(["e", "f"])]
        let expanded = member.expanded(with: sets)
        let expected = [("a", 1), ("b", 1), ("c", 1), ("d", 0), ("gone", 3)].map { TopicPartition($0.0, Int32($0.1)) }
        #expect(expanded.assignment == expected)
        #expect(expanded.expanded(with: sets) == expanded)
        // A follower alone says nothing of its lead.
        let follower = GroupMemberDescription(memberID: "1", clientID: "c", assignment: [TopicPartition("b", 1)])
        #expect(follower.expanded(with: sets) == follower)
    }
}
