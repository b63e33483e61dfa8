// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The table in which events of a join wait: it has as many partitions as the topics, whatever else the app reads.
final class JoinTable: DeclaredTable {
    let core: TableCore<JoinKey, JoinEntry>
    private let plan: JoinPlan
    /// How many partitions the topics are declared with.
    private let declaredPartitions: Int32

    init(_ core: TableCore<JoinKey, JoinEntry>, _ plan: JoinPlan, declaredPartitions: Int32) {
        (self.core, self.plan, self.declaredPartitions) = (core, plan, declaredPartitions)
    }

    var name: String { core.name }
    var help: String { core.help }
    var changelogTopic: String { core.changelogTopic }
    var status: [TablePartitionStatus] { core.status }
    var isPlain: Bool { false }
    var partitionCount: Int32? { core.partitionCount }

    func changelog(partitions: Int32, replicas: Int16) -> TopicDeclaration {
        core.changelog(partitions: declaredPartitions, replicas: replicas)
    }

    func makeParticipant(_ engine: Engine, _ app: App) throws -> any CommitParticipant {
        var context = try TableContext(engine, app, url: core.configuration.store)
        context.defaultPartitions = engine.catalog.knownPartitions(of: plan.topics.left) ?? declaredPartitions
        return TableRun(core, context)
    }
}
