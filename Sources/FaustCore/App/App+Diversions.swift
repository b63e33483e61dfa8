// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

extension App {
    /// The name of the topic that a stream is grouped in: `{app.id}-{agent}-{source}-{name}-repartition`.
    ///
    /// It is Faust's rule with the app's id in front, since the names of our agents do not bear a module's: the prefix
    /// is left out where the source has it already, as the topic of the agent's own and that of a first grouping do.
    ///
    /// - Parameters:
    ///   - agent: The agent, if the stream is that of one.
    ///   - source: The name of the topic or topics that the stream reads.
    ///   - name: What the stream is grouped by.
    /// - Returns: The name.
    func repartitionTopic(agent: String?, source: String, name: String) -> String {
        let prefix = agent.map { "\(id)-\($0)" } ?? id
        // A stream of several topics, or of a pattern, has a name that no topic may have.
        let source = String(source.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "-" })
        let hasPrefix = source == prefix || source.hasPrefix(prefix + "-")
        return "\(hasPrefix ? "" : prefix + "-")\(source)-\(name)-repartition"
    }

    /// Has a stream go through a topic, which is created if it does not exist.
    ///
    /// - Returns: The stream of the topic: the same one for the same stream each time.
    /// - Throws: ``FaustError`` when the topic has no valid name, or the stream goes through another one already.
    func divert(_ source: StreamBuffer, _ diversion: Diversion) throws(FaustError) -> StreamBuffer {
        let count = diversion.partitions.map { Int32(clamping: $0) }
        if let fault = TopicDeclaration(name: diversion.topic, partitions: count ?? 1).fault {
            throw FaustError(.invalidTopic, fault)
        }
        declarations.withLock { declarations in
            guard declarations.topics[diversion.topic] == nil else { return }
            declarations.topics[diversion.topic] = .init(
                partitions: count,
                configuration: TopicConfiguration(),
                keySerde: diversion.serdes.key,
                valueSerde: diversion.serdes.value
            )
        }
        let running = engine.withLock { $0 }?.diversions
        if let target = try running?.divert(source, diversion) { return target }
        return try declare(source, diversion, running)
    }

    /// Has a stream outside of agents go through a topic.
    private func declare(
        _ source: StreamBuffer,
        _ diversion: Diversion,
        _ running: Diversions?
    ) throws(FaustError) -> StreamBuffer {
        if let known = declarations.withLock({ $0.diversions.first { $0.source === source } }) {
            guard known.topic == diversion.topic else {
                throw FaustError(
                    .configuration,
                    "the stream of \(source.name) can't go through topic \(diversion.topic): it goes through"
                        + " \(known.topic) already"
                )
            }
            known.job.replace(by: diversion.forward)
            return known.target
        }
        let target = StreamBuffer(name: diversion.topic, maxsize: settings.streamBufferMaxsize)
        let stream = Declarations.DeclaredStream(topics: TopicSelection(names: [diversion.topic]), buffer: target)
        // A topic must not be subscribed to before it has a reader.
        running?.adopt(stream)
        let declared = declarations.withLock { declarations in
            let declared = Declarations.DeclaredDiversion(
                source: source,
                topic: diversion.topic,
                target: target,
                isTransactional: declarations.streams.contains { $0.buffer === source },
                job: Forwarder.Job(diversion.forward)
            )
            declarations.streams.append(stream)
            declarations.diversions.append(declared)
            return declared
        }
        running?.forward(declared)
        running?.lookForTopics()
        return target
    }

    /// Stops the worker, or keeps it from starting, for a mistake in what streams go through.
    func refuse(_ error: FaustError) {
        let isRunning = declarations.withLock { declarations in
            if !declarations.isSealed { declarations.faults.append(error) }
            return declarations.isSealed
        }
        if isRunning { stopSignal.fire(error) }
    }
}
