// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation
public import FaustCore
public import Logging

/// The behaviour of a ``Transport``, stated as checks that every transport passes unchanged.
///
/// The embedded log, Kafka and a transport of your own are held to the same checks, so that an app behaves the same
/// on all of them. The suite needs no test framework; with swift-testing it is one parameterised test:
///
/// ```swift
/// @Test(arguments: TransportConformance.checks)
/// func conforms(_ check: TransportConformance.Check) async throws {
///     try await TransportConformance { MyTransport() }.run(check)
/// }
/// ```
///
/// A check makes a transport, starts it, works with topics and groups whose names are its own, deletes the topics and
/// stops the transport: checks may share a broker and run at the same time. No check sleeps; a deadline is only
/// reached when something is broken.
public struct TransportConformance: Sendable {
    /// What a transport may lack; the checks that need it are skipped then.
    public enum Capability: String, Sendable, CaseIterable {
        /// Topics can be deleted.
        case topicDeletion
        /// Offsets can be looked up by timestamp.
        case timestampLookup
        /// Messages keep the timestamp that they are sent with.
        case timestamps
        /// Consumer groups: assignment, commits, committed offsets.
        case groups
        /// The broker tells who is in a group.
        case groupDescription
        /// Transactions, fencing and readers of committed messages.
        case transactions
        /// Readers that ask for it see the messages of open and aborted transactions.
        case readUncommitted
        /// A greatest size of messages that is enforced.
        case messageSizeLimit
    }

    /// How the suite treats a transport.
    public struct Configuration: Sendable {
        /// What the transport lacks, with the reason, which is printed for each check that is skipped.
        public var missing: [Capability: String] = [:]
        /// How long to wait for a single thing, such as a message; 20 seconds by default, raise it for a slow broker.
        public var patience: Duration = .seconds(20)
        /// The size in bytes of a message that the transport must carry.
        public var largeMessageByteCount = 900_000
        /// The size in bytes of a message that the transport must refuse.
        public var tooLargeMessageByteCount = 5_000_000
        /// What the transport's consumers and producers log to; nothing by default.
        public var logger = Logger(label: "faust.conformance") { _ in SwiftLogNoOpLogHandler() }

        /// The defaults.
        public init() {}
    }

    /// What became of a check that did not fail.
    public enum Outcome: Sendable, Hashable {
        /// The transport behaves as the check demands.
        case passed
        /// The check was not run, because the transport lacks what it needs.
        case skipped(reason: String)
    }

    /// One demand on a transport.
    public struct Check: Sendable, Hashable, Codable, CustomStringConvertible {
        /// What is demanded, as a sentence; no two checks have the same.
        public let name: String
        /// What the transport must be capable of for the check to run.
        public var needs: Set<Capability> { TransportConformance.definitions[name]?.needs ?? [] }
        /// The name.
        public var description: String { name }
    }

    /// All checks, in an order that goes from the simple to the involved.
    public static let checks: [Check] = allDefinitions.map { Check(name: $0.name) }

    private let configuration: Configuration
    private let makeTransport: @Sendable () async throws -> any Transport

    /// A suite for a transport.
    ///
    /// - Parameters:
    ///   - configuration: How to treat the transport.
    ///   - makeTransport: Makes a transport that has not been started yet; called once per check.
    public init(
        configuration: Configuration = Configuration(),
        makeTransport: @escaping @Sendable () async throws -> any Transport
    ) {
        self.configuration = configuration
        self.makeTransport = makeTransport
    }

    /// Runs a check.
    ///
    /// - Parameter check: One of ``checks``.
    /// - Returns: Whether it was run; a check that is skipped is also reported on standard error.
    /// - Throws: ``ConformanceFailure`` when the transport does not behave as demanded, and what it throws itself.
    @discardableResult
    public func run(_ check: Check) async throws -> Outcome {
        guard let definition = Self.definitions[check.name] else {
            throw ConformanceFailure(check: check.name, message: "there is no such check", file: #fileID, line: #line)
        }
        for capability in Capability.allCases where definition.needs.contains(capability) {
            guard let reason = configuration.missing[capability] else { continue }
            let text = "SKIPPED '\(check.name)': the transport lacks \(capability.rawValue): \(reason)\n"
            FileHandle.standardError.write(Data(text.utf8))
            return .skipped(reason: reason)
        }
        let rig = ConformanceRig(transport: try await makeTransport(), configuration: configuration, check: check.name)
        do {
            // Every single wait has its own deadline; this one catches calls into the transport that never return.
            try await withDeadline(configuration.patience * 10, "the end of '\(check.name)'") {
                try await rig.transport.start()
                try await definition.body(rig)
            }
        } catch {
            try? await withDeadline(configuration.patience, "the clean-up of '\(check.name)'") { await rig.finish() }
            throw error
        }
        try await withDeadline(configuration.patience * 2, "the clean-up of '\(check.name)'") { await rig.finish() }
        return .passed
    }
}

/// A transport does not behave as a check of ``TransportConformance`` demands.
public struct ConformanceFailure: Error, CustomStringConvertible {
    /// The check.
    public let check: String
    /// What was expected and what happened instead.
    public let message: String
    /// Where in the suite the expectation stands.
    public let file: String
    /// The line in `file`.
    public let line: Int

    /// The check, the message and the place in one line.
    public var description: String { "'\(check)': \(message) (\(file):\(line))" }
}

extension TransportConformance {
    /// A check together with its code.
    struct Definition: Sendable {
        let name: String
        let needs: Set<Capability>
        let body: @Sendable (ConformanceRig) async throws -> Void

        init(
            _ name: String,
            needs: Set<Capability> = [],
            _ body: @escaping @Sendable (ConformanceRig) async throws -> Void
        ) {
            self.name = name
            self.needs = needs
            self.body = body
        }
    }

    private static let allDefinitions: [Definition] =
        TopicChecks.all + ProducerChecks.all + OffsetChecks.all + ReadingChecks.all + QueueChecks.all
        + MembershipChecks.all + RebalanceChecks.all + CommitChecks.all + TransactionChecks.all + ClosingChecks.all

    private static let definitions: [String: Definition] =
        Dictionary(uniqueKeysWithValues: allDefinitions.map { ($0.name, $0) })
}
