// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing

@Suite struct ArchitectureTests {
    /// Names of the standard library, of packages and of the traits of this one, which the documents mention in passing.
    static let foreign: Set<String> = [
        "Array", "AsyncSequence", "Codable", "Compression", "Data", "Date", "Decimal", "Dictionary", "Double",
        "Duration",
        "Float", "Foundation", "Instant", "Kafka", "Logger", "Mutex", "Atomic", "Sendable", "Service", "String", "Task",
        "Deque", "ServiceGroup", "TaskExecutor", "TaskLocal", "UUID",
    ]

    /// Names of Faust, of Kafka's Java client and of Kafka Streams, which the documents compare ours with.
    static let compared: Set<String> = [
        "ConsumerScheduler", "DeserializationExceptionHandler", "DoubleSerializer", "FloatSerializer", "GlobalKTable",
        "GlobalTable", "HttpClient", "IntegerSerializer", "JoinWindows", "KStream", "KTable", "KafkaStreams",
        "LeaderAssignor",
        "LongSerializer", "OAuthCredentials", "PartitionAssignor", "ProductionExceptionHandler", "Router", "Serdes",
        "Serializers", "SetGlobalTable", "SetTable", "SlidingWindow", "StringField", "Table", "TableManager",
        "TimeWindows", "TimestampExtractor", "TopologyTestDriver",
    ]

    /// The names of all types, protocols, macros, modules and nested names that the sources declare.
    static func declaredNames() throws -> Set<String> {
        let declaration = try Regex(
            #"\b(?:class|struct|enum|protocol|actor|typealias|associatedtype|macro)\s+([A-Z]\w*)"#,
            as: (Substring, Substring).self
        )
        var names = Set<String>()
        for folder in ["Sources", "Tests", "Examples/Sources", "Benchmarks/Sources", "Fuzz/Sources"] {
            for path in files(below: folder, withExtension: "swift") {
                names.formUnion(try contents(path).matches(of: declaration).map { String($0.output.1) })
                names.formUnion(path.split(separator: "/").dropLast().map(String.init))
            }
        }
        return names
    }

    /// The names in backticks that look like types, such as `OffsetTracker` or `FaustError.Code`.
    static func mentionedNames(in text: String) throws -> Set<String> {
        let mention = try Regex(#"`@?([A-Z]\w*[a-z]\w*(?:\.[A-Z]\w*)*)[^`\n]*`"#, as: (Substring, Substring).self)
        return Set(
            text.matches(of: mention)
                .filter {
                    !$0.output.0.contains("/") && !$0.output.0.contains(".md") && !$0.output.0.contains(".swift")
                }
                .flatMap { $0.output.1.split(separator: ".").map(String.init) }
        )
    }

    @Test("every type that a document names exists", arguments: documents)
    func namesExist(document: String) throws {
        let unknown = try Self.mentionedNames(in: contents(document))
            .subtracting(Self.declaredNames())
            .subtracting(Self.foreign)
            .subtracting(Self.compared)
        #expect(unknown.isEmpty, "\(document) names what is not in the sources: \(unknown.sorted())")
    }

    @Test("names are read from backticks") func mentions() throws {
        let text =
            "The `OffsetTracker` and `FaustError.Code`, `EventStream<Key, Value>`, `lower`, `JSON`, `Sources/Foo`."
        #expect(try Self.mentionedNames(in: text) == ["OffsetTracker", "FaustError", "Code", "EventStream"])
        #expect(try Self.declaredNames().isSuperset(of: ["FaustError", "TopicPartition", "FaustCore"]))
    }
}
