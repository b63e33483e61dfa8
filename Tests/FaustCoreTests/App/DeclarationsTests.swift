// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Testing

@testable import FaustCore

@Suite("Declarations")
struct DeclarationsTests {
    private func agent(_ name: String, _ topics: [String]) -> AgentDeclaration {
        AgentDeclaration(
            name: name,
            help: "",
            input: .topics(TopicSelection(names: topics)),
            inputName: topics.joined(separator: ","),
            options: AgentOptions(),
            body: { _ in }
        )
    }

    private func stream(_ topics: [String]) -> Declarations.DeclaredStream {
        Declarations.DeclaredStream(topics: TopicSelection(names: topics), buffer: .test())
    }

    private func sets(_ declarations: Declarations, _ partitions: [String: Int32]) -> [[String]] {
        declarations.copartitionedSets(partitions: partitions).map(\.topics)
    }

    @Test func theTopicsOfAgentsAndStreamsAreReadOnce() {
        var declarations = Declarations()
        declarations.agents = [agent("a", ["t", "s"]), agent("b", ["t"])]
        declarations.streams = [stream(["u", "s"])]
        #expect(declarations.topicsRead == ["s", "t", "u"])
    }

    @Test func topicsWithAsManyPartitionsAsATableGoTogether() {
        var declarations = Declarations()
        declarations.agents = [agent("a", ["t"]), agent("b", ["s"]), agent("c", ["u"]), agent("d", ["v", "w"])]
        let partitions: [String: Int32] = ["s": 4, "t": 4, "u": 8, "v": 8, "w": 2]
        let sets = declarations.copartitionedSets(partitions: partitions, tableCounts: [4, 3]).map(\.topics)
        #expect(sets == [["s", "t"], ["u"], ["v"], ["w"]])
    }

    @Test func anAgentOfAChannelReadsNoTopic() {
        var declarations = Declarations()
        declarations.agents = [
            AgentDeclaration(
                name: "c",
                help: "",
                input: .channel(ChannelHub(name: "c")),
                inputName: "c",
                options: AgentOptions(),
                body: { _ in }
            )
        ]
        #expect(declarations.topicsRead == [])
        #expect(sets(declarations, [:]) == [])
    }

    @Test func topicsReadTogetherGoTogetherWhenTheyHaveEquallyManyPartitions() {
        var declarations = Declarations()
        declarations.agents = [agent("a", ["b", "a"]), agent("b", ["c"])]
        #expect(sets(declarations, ["a": 4, "b": 4, "c": 4]) == [["a", "b"], ["c"]])
        #expect(sets(declarations, ["a": 4, "b": 2, "c": 4]) == [["a"], ["b"], ["c"]])
    }

    @Test func aPatternReadsWhatMatchesItAsAWhole() {
        var declarations = Declarations()
        declarations.streams = [
            .init(topics: TopicSelection(pattern: "orders-[a-z]+"), buffer: .test()),
            .init(topics: TopicSelection(pattern: ".*"), buffer: .test()),
        ]
        #expect(declarations.topicsRead == [] && declarations.readsPatterns)
        let existing: [String: Int32] = ["orders-eu": 4, "orders-us": 4, "orders-1": 2, "__offsets": 4]
        declarations.streams.removeLast()
        #expect(sets(declarations, existing) == [["orders-eu", "orders-us"]])
        declarations.streams = [.init(topics: TopicSelection(pattern: ".*"), buffer: .test())]
        #expect(sets(declarations, existing) == [["orders-1"], ["orders-eu"], ["orders-us"]])
    }

    @Test func setsThatShareATopicAreOne() {
        var declarations = Declarations()
        declarations.agents = [agent("a", ["a", "b"]), agent("b", ["c", "d"]), agent("c", ["e"])]
        declarations.streams = [stream(["b", "c"])]
        let partitions = Dictionary(uniqueKeysWithValues: ["a", "b", "c", "d", "e"].map { ($0, Int32(3)) })
        #expect(sets(declarations, partitions) == [["a", "b", "c", "d"], ["e"]])
    }
}
