// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore

/// An event that an agent has failed on, and what became of it.
public struct FailedEvent: Sendable {
    /// What became of the event.
    public enum Fate: Sendable, Hashable {
        /// It was finished without being processed: the policy is `.skip`.
        case skipped
        /// It was sent to the dead-letter topic.
        case deadLettered
        /// It comes again: the policy is `.retry`.
        case retried
        /// It comes again, after a restart of the agent: the policy is `.stop`, and there are restarts left.
        case restarted
        /// It stopped the worker.
        case stopped
    }

    /// The name of the agent.
    public let agent: String
    /// The place of the message; `nil` when the body failed without an event in hand.
    public let topicPartition: TopicPartition?
    /// The offset of the message; `nil` when the body failed without an event in hand.
    public let offset: Int64?
    /// The key, as bytes.
    public let key: Bytes?
    /// The value, as bytes.
    public let value: Bytes?
    /// What the body has thrown, or why the message could not be decoded.
    public let error: any Error
    /// What became of the event.
    public let fate: Fate

    init(_ failure: EventFailure, _ message: Message?) {
        agent = failure.agent
        topicPartition = message?.topicPartition
        offset = message?.offset
        key = message?.key
        value = message?.value
        error = failure.error
        fate =
            switch failure.fate {
            case .skipped: .skipped
            case .deadLettered: .deadLettered
            case .retried: .retried
            case .restarted: .restarted
            case .stopped: .stopped
            }
    }
}
