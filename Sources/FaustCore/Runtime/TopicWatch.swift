// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging
import Synchronization

/// Subscribes the worker to its topics, and again when there are more of them or they have more partitions.
///
/// Topics that match a pattern may be created while the worker runs, and Kafka's topics may get partitions. Like
/// Kafka's own clients the worker looks each time what it knows has reached an age.
final class TopicWatch: Sendable {
    private struct Subscription: Equatable {
        var sets: [CopartitionedSet] = []
        var partitions: [String: Int32] = [:]
    }

    private let declarations: @Sendable () -> Declarations
    private let catalog: TopicCatalog
    private let consumer: any TransportConsumer
    private let listener: any RebalanceListener
    /// Is told the topics whose partition 0 may make a leader, in order, before each subscription.
    private let subscribes: @Sendable ([String]) -> Void
    /// Looks whether topics with these numbers of partitions can be read as the app wants to.
    private let check: @Sendable (Declarations, [String: Int32]) throws -> Void
    private let logger: Logger
    private let subscription = Mutex(Subscription())
    private let creation: @Sendable (String) -> TopicDeclaration
    /// Wakes ``run(every:sleep:failed:)``.
    private let calls: AsyncStream<Void>
    private let callInput: AsyncStream<Void>.Continuation
    /// How long to wait after a broker has not answered.
    private static let retryPause = Duration.seconds(1)

    init(
        declarations: @escaping @Sendable () -> Declarations,
        creation: @escaping @Sendable (String) -> TopicDeclaration,
        catalog: TopicCatalog,
        consumer: any TransportConsumer,
        listener: any RebalanceListener,
        subscribes: @escaping @Sendable ([String]) -> Void = { _ in },
        check: @escaping @Sendable (Declarations, [String: Int32]) throws -> Void = { _, _ in },
        logger: Logger
    ) {
        self.declarations = declarations
        self.creation = creation
        (calls, callInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.catalog = catalog
        self.consumer = consumer
        self.listener = listener
        self.subscribes = subscribes
        self.check = check
        self.logger = logger
    }

    /// Looks at the topics and follows what has changed.
    ///
    /// A topic that is read by name and is gone stays in the subscription: it is missed, not given up.
    func look() async throws {
        let declarations = declarations()
        let late = declarations.topicsRead.filter { catalog.knownPartitions(of: $0) == nil }
        if !late.isEmpty { try await catalog.declare(late.map(creation)) }
        let existing = try await catalog.refresh(all: declarations.readsPatterns)
        let current = subscription.withLock { $0 }
        let missing = declarations.topicsRead.filter { existing[$0] == nil && current.partitions[$0] != nil }
        if !missing.isEmpty {
            logger.warning("Topics that are read do not exist any more", metadata: ["topics": "\(missing)"])
            return
        }
        try check(declarations, existing)
        // Tables know how many partitions they have since the start, before the first look.
        let tableCounts = Set(declarations.tables.compactMap { $0.partitionCount })
        try Self.checkGrowth(from: current.partitions, to: existing, tableCounts)
        let sets = declarations.copartitionedSets(partitions: existing, tableCounts: tableCounts)
        let topics = Set(sets.flatMap(\.topics))
        let wanted = Subscription(sets: sets, partitions: existing.filter { topics.contains($0.key) })
        guard wanted != current else { return }
        if current != Subscription() {
            logger.info("The topics to read have changed", metadata: ["topics": "\(topics.sorted())"])
        }
        // The first of the topics that are read by name stays the first, whatever is created.
        let leads = declarations.topicsDeclared
        subscribes(leads.isEmpty ? topics.sorted() : leads)
        try await consumer.subscribe(sets, listener: listener)
        subscription.withLock { $0 = wanted }
    }

    /// Looks whether no topic that goes with tables has got partitions: its keys would go to other partitions than their
    /// entries are in.
    private static func checkGrowth(
        from known: [String: Int32],
        to existing: [String: Int32],
        _ tableCounts: Set<Int32>
    ) throws(FaustError) {
        for (topic, count) in known.sorted(by: { $0.key < $1.key }) where tableCounts.contains(count) {
            guard let now = existing[topic], now != count else { continue }
            throw FaustError(
                .configuration,
                "topic \(topic) has \(now) partitions now, and tables that are written from it have \(count): its keys go to"
                    + " other partitions than their entries are in; create the topic anew under another name, or give the app"
                    + " another version, whose tables begin empty",
                isFatal: true
            )
        }
    }

    /// Makes ``run(every:sleep:failed:)`` look at once: there are more topics to read.
    func lookSoon() {
        callInput.yield()
    }

    /// Looks again after each interval and when asked to, until the task is cancelled.
    ///
    /// - Parameters:
    ///   - interval: How old what is known may get.
    ///   - sleep: Suspends by the app's clock.
    ///   - failed: Is told of what no further attempt mends; anything else is tried again.
    func run(
        every interval: Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        failed: @Sendable (FaustError) -> Void
    ) async {
        await withDiscardingTaskGroup { group in
            group.addTask { [self] in
                while (try? await sleep(interval)) != nil { lookSoon() }
            }
            for await _ in calls {
                do {
                    try await look()
                } catch let error as FaustError where error.code == .configuration || error.code == .invalidTopic {
                    failed(error)
                } catch {
                    logger.warning("The topics could not be looked at", metadata: ["error": "\(error)"])
                    group.addTask { [self] in
                        if (try? await sleep(Self.retryPause)) != nil { lookSoon() }
                    }
                }
            }
            group.cancelAll()
        }
    }
}
