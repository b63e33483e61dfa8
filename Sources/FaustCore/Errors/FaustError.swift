// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// What went wrong, where, and whether trying again may help.
public struct FaustError: Error, Sendable {
    /// The kind of the error.
    public let code: Code
    /// What happened and what to do about it, in one or two sentences.
    public let message: String
    /// The error underneath, if there is one.
    public let cause: (any Error)?
    /// The partition that it happened at.
    public var topicPartition: TopicPartition?
    /// The offset of the message that it happened at.
    public var offset: Int64?
    /// Whether the same call may succeed later.
    public var isRetriable: Bool
    /// Whether the worker can't go on.
    public var isFatal: Bool

    /// An error of the library.
    ///
    /// - Parameters:
    ///   - code: The kind of the error.
    ///   - message: What happened and what to do about it.
    ///   - cause: The error underneath.
    ///   - topicPartition: The partition that it happened at.
    ///   - offset: The offset of the message that it happened at.
    ///   - isRetriable: Whether the same call may succeed later.
    ///   - isFatal: Whether the worker can't go on.
    public init(
        _ code: Code,
        _ message: String,
        cause: (any Error)? = nil,
        topicPartition: TopicPartition? = nil,
        offset: Int64? = nil,
        isRetriable: Bool = false,
        isFatal: Bool = false
    ) {
        self.code = code
        self.message = message
        self.cause = cause
        self.topicPartition = topicPartition
        self.offset = offset
        self.isRetriable = isRetriable
        self.isFatal = isFatal
    }
}

extension FaustError {
    /// The kind of an error; more may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case configuration, lifecycle, decode, encode, validation, transport, invalidTopic, unknownPartition,
                messageTooLarge, storage, corruption, group, fenced, handler, timeout, closed
        }

        private let kind: Kind

        private init(_ kind: Kind) {
            self.kind = kind
        }

        /// The name of the kind.
        public var description: String { kind.rawValue }

        /// A setting or declaration that can't work.
        public static let configuration = Code(.configuration)
        /// A call at the wrong time, such as declaring a topic while the app runs.
        public static let lifecycle = Code(.lifecycle)
        /// Bytes that are not what the type asks for.
        public static let decode = Code(.decode)
        /// A value that its codec can't write.
        public static let encode = Code(.encode)
        /// A model that breaks its own rules.
        public static let validation = Code(.validation)
        /// The broker can't be reached or refused.
        public static let transport = Code(.transport)
        /// A topic name or declaration that no broker takes.
        public static let invalidTopic = Code(.invalidTopic)
        /// A topic or partition that does not exist.
        public static let unknownPartition = Code(.unknownPartition)
        /// A message above the greatest size.
        public static let messageTooLarge = Code(.messageTooLarge)
        /// Files can't be read or written: disk full, permissions.
        public static let storage = Code(.storage)
        /// Files that are damaged.
        public static let corruption = Code(.corruption)
        /// The membership of a consumer group is in the way.
        public static let group = Code(.group)
        /// Another producer or worker has taken over the identity.
        public static let fenced = Code(.fenced)
        /// An agent, a sink or a hook of the user has thrown.
        public static let handler = Code(.handler)
        /// Something took longer than allowed.
        public static let timeout = Code(.timeout)
        /// The thing called is closed.
        public static let closed = Code(.closed)
    }
}

extension FaustError: CustomStringConvertible {
    /// The error in one line: kind, place, message, cause.
    public var description: String {
        var text = "\(code)"
        if let topicPartition { text += " at \(topicPartition)" }
        if let offset { text += " offset \(offset)" }
        text += ": \(message)"
        if let cause { text += " (\(cause))" }
        return text
    }
}
