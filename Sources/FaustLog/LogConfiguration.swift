// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How the embedded log behaves.
public struct LogConfiguration: Sendable {
    /// When what was written is forced from the operating system's cache onto the disk.
    public enum Synchronization: Sendable {
        /// Never by us: what was acknowledged survives the end of the process, also by SIGKILL, but not the failure of
        /// the machine or its power.
        case never
        /// Before anything is acknowledged, once for all the messages that were written together.
        case everyCommit
    }

    /// When what was written is forced onto the disk; ``Synchronization/never`` by default.
    public var synchronization: Synchronization = .never
    /// The greatest size of a message, in bytes of key, value and headers; 1,048,576 by default.
    ///
    /// A topic's `max.message.bytes` takes precedence.
    public var maxMessageBytes: Int = 1_048_576
    /// How many bytes of messages may wait to be written before ``TransportProducer/send(_:completion:)`` holds its
    /// caller up; 64 MiB by default.
    public var maxBufferedBytes: Int = 67_108_864
    /// The greatest size of a transaction, in bytes; it is kept in memory until it ends; 256 MiB by default.
    public var maxTransactionBytes: Int = 268_435_456
    /// How many bytes of the latest messages a log on disk keeps in memory for readers at its end; 32 MiB by default.
    public var cacheBytes: Int = 33_554_432
    /// How often retention and compaction look for something to do; 5 minutes by default, as in Kafka.
    ///
    /// `nil` leaves it to ``LogTransport/maintain()``.
    public var retentionCheckInterval: Duration? = .seconds(300)
    /// How many different keys compaction keeps track of at once, at about 40 bytes each; 1,000,000 by default.
    ///
    /// A topic with more keys is compacted in several passes.
    public var maxCompactionKeys: Int = 1_000_000
    /// The time in milliseconds since 1970, for messages without a time and for retention; the system's clock by
    /// default, another one in tests.
    public var currentTimeMilliseconds: @Sendable () -> Int64 = { WallClock.milliseconds() }

    /// Takes the place of the writer's thread: it is told that there is something to write, from any thread and again and
    /// again, and ``LogTransport/write()`` writes it.
    package var writerIsNeeded: (@Sendable () -> Void)?

    /// The defaults.
    public init() {}
}
