// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

/// Whether a worker does its work, and if not, why.
///
/// `Documentation/Liveness.md` says what is watched and what follows.
public struct Health: Sendable, Hashable {
    /// How a worker is.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// It does not run.
        case stopped
        /// Everything advances.
        case healthy
        /// Something does not advance; see ``Health/problems``.
        case degraded
    }

    /// Something that does not advance.
    public struct Problem: Sendable, Hashable {
        /// What is wrong.
        public enum Kind: String, Sendable, Hashable, CaseIterable {
            /// A body has had an event in hand for too long.
            case processing
            /// Messages wait for a stream that nobody asks for the next event.
            case waiting
            /// There are messages, but the consumer brings none.
            case fetching
            /// Offsets are not confirmed by the broker.
            case committing
            /// The broker does not answer.
            case broker
        }

        /// What is wrong.
        public var kind: Kind
        /// The partition; `nil` for what concerns the whole worker.
        public var topicPartition: TopicPartition?
        /// What does not advance, where, since when, in a sentence.
        public var message: String
    }

    /// How the worker is.
    public var status: Status
    /// What does not advance, in the order of the partitions; empty unless it is ``Status/degraded``.
    public var problems: [Problem]

    static let stopped = Health(status: .stopped, problems: [])

    init(status: Status, problems: [Problem]) {
        self.status = status
        self.problems = problems
    }

    init(problems: [Problem]) {
        self.init(status: problems.isEmpty ? .healthy : .degraded, problems: problems)
    }
}

extension App {
    /// Whether the worker does its work, as it was found at the last look; see ``Health``.
    public var health: Health {
        engine.withLock { $0 }?.watchdog?.health ?? .stopped
    }
}
