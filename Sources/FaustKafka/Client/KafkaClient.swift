// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
package import FaustCore
package import Logging
import Synchronization

/// A client of librdkafka with a thread that takes in what it reports.
///
/// **No callbacks.** librdkafka is told to report by events (`rd_kafka_conf_set_events`, `log.queue`) instead of C
/// callbacks. One thread per client waits for them at the main queue, so that delivery reports, errors, log lines and
/// statistics come without anybody polling, never on a thread of librdkafka and never on Swift's cooperative pool; no
/// pointer to a Swift object crosses into librdkafka, whose lifetime would have to be proved.
///
/// **Life.** The thread holds the client until ``close()``, which must be called: it waits until no call is inside
/// ``withHandle(_:)`` any more, and destroys librdkafka's object, once, on that thread, which may block.
///
/// It is `@unchecked Sendable` because of the raw pointers. That is safe: both are set in `init` and never change,
/// librdkafka's functions may be called from any thread, and `gate` keeps them from being called after the end.
package final class KafkaClient: @unchecked Sendable {
    /// What a client is for.
    package enum Kind: Sendable {
        /// Reads.
        case consumer
        /// Writes, and manages topics.
        case producer
    }

    /// What librdkafka calls the client, such as `faust#producer-1`.
    package let name: String
    /// For lines of librdkafka and of the client.
    package let logger: Logger

    private let handle: OpaquePointer
    private let mainQueue: OpaquePointer
    private let handlers: KafkaEventHandlers
    private let secrets: KafkaSecrets
    private let tokens: KafkaTokenSource?
    /// The number of calls that are under way; with `closing` added when no more may begin.
    private let gate = Atomic<Int>(0)
    private let ends = Mutex(Ends())
    private static let closing = Int.min

    private struct Ends {
        var isOver = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// Makes a client, which connects in the background, and starts its thread.
    ///
    /// - Parameters:
    ///   - kind: What the client is for.
    ///   - properties: librdkafka's properties.
    ///   - events: Which further events (`RD_KAFKA_EVENT_DR`, …) to report to ``KafkaEventHandlers/event``.
    ///   - handlers: What to do with what librdkafka reports.
    ///   - logger: For lines of librdkafka and of the client.
    ///   - prepare: Gets librdkafka's `rd_kafka_conf_t` before the client is made, for what is no property.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for properties that librdkafka refuses.
    package init(
        _ kind: Kind,
        _ properties: KafkaProperties,
        events: Int32 = 0,
        handlers: KafkaEventHandlers = KafkaEventHandlers(),
        logger: Logger,
        prepare: (_ configuration: OpaquePointer) -> Void = { _ in }
    ) throws(FaustError) {
        var configuration = try KafkaConfiguration(properties)
        try configuration.set(KafkaProperty("log.queue", "true", .fixed))
        let secrets = KafkaSecrets(properties)
        let pointer = configuration.take()
        var mask = events | RD_KAFKA_EVENT_LOG | RD_KAFKA_EVENT_ERROR
        if handlers.statistics != nil { mask |= RD_KAFKA_EVENT_STATS }
        if handlers.tokens != nil { mask |= RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH }
        rd_kafka_conf_set_events(pointer, mask)
        prepare(pointer)
        var text = [CChar](repeating: 0, count: 512)
        let type = kind == .consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER
        guard let handle = rd_kafka_new(type, pointer, &text, text.count) else {
            rd_kafka_conf_destroy(pointer)
            let reason = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            throw FaustError(.configuration, "librdkafka can't make a client: \(secrets.redact(reason))")
        }
        self.handle = handle
        self.mainQueue = rd_kafka_queue_get_main(handle)
        self.handlers = handlers
        self.secrets = secrets
        self.tokens = handlers.tokens.map { KafkaTokenSource($0, logger: logger, failed: handlers.failed) }
        self.logger = logger
        self.name = String(cString: rd_kafka_name(handle))
        // Log lines that were written so far wait in librdkafka until they are given a queue, here the main one.
        rd_kafka_set_log_queue(handle, nil)
        KafkaThread.start("faust-\(kind)") { [self] in run() }
    }

    // MARK: Calls

    /// Calls librdkafka.
    ///
    /// - Parameter body: Gets librdkafka's object, which lives until the call returns and must not escape from it. What
    ///   blocks must not be called on a thread of Swift's pool; see ``blocking(_:)``.
    /// - Returns: What `body` returns.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/closed`` after ``close()``; what `body` throws.
    package func withHandle<Result>(_ body: (OpaquePointer) throws(FaustError) -> Result) throws(FaustError) -> Result {
        guard enter() else { throw FaustError(.closed, "the Kafka client \(name) is closed") }
        defer { leave() }
        return try body(handle)
    }

    /// Calls librdkafka on a thread that may block.
    ///
    /// - Parameter body: As in ``withHandle(_:)``; runs to its end even when the calling task is cancelled.
    /// - Returns: What `body` returns.
    /// - Throws: As ``withHandle(_:)``.
    package func blocking<Value: Sendable>(
        _ body: @escaping @Sendable (OpaquePointer) throws(FaustError) -> Value
    ) async throws(FaustError) -> Value {
        do {
            return try await KafkaThread.blocking { [self] in try withHandle(body) }
        } catch {
            // Only FaustErrors come out of withHandle.
            throw error as? FaustError ?? FaustError(.transport, "\(error)")
        }
    }

    /// Makes the event thread call ``KafkaEventHandlers/tick`` soon.
    package func wake() {
        guard enter() else { return }
        defer { leave() }
        rd_kafka_queue_yield(mainQueue)
    }

    /// Gives the text without what may be a secret.
    package func redact(_ text: String) -> String { secrets.redact(text) }

    private func enter() -> Bool {
        if gate.wrappingAdd(1, ordering: .acquiring).newValue > 0 { return true }
        leave()
        return false
    }

    private func leave() {
        gate.wrappingSubtract(1, ordering: .releasing)
    }

    // MARK: End

    /// Lets no further call begin, waits for those that are under way, and destroys librdkafka's object.
    ///
    /// A consumer must have left its group, and queues and topics that were made must be destroyed by then, or by
    /// ``KafkaEventHandlers/ending``. Calling it again waits for the same end.
    package func close() async {
        if enter() {
            // The call that finds the bit unset sets it; the thread can't go before the call has left.
            let isFirst = ends.withLock { _ in
                guard gate.load(ordering: .acquiring) >= 0 else { return false }
                gate.wrappingAdd(Self.closing, ordering: .acquiringAndReleasing)
                return true
            }
            if isFirst { rd_kafka_queue_yield(mainQueue) }
            leave()
        }
        await withCheckedContinuation { continuation in
            let isOver = ends.withLock { ends in
                if !ends.isOver { ends.waiters.append(continuation) }
                return ends.isOver
            }
            if isOver { continuation.resume() }
        }
    }

    // MARK: Events

    private func run() {
        while true {
            let state = gate.load(ordering: .acquiring)
            if state == Self.closing { break }
            if let event = rd_kafka_queue_poll(mainQueue, state < 0 ? 10 : 1_000) { handle(event) }
            handlers.tick?(handle)
        }
        tokens?.end()
        while let event = rd_kafka_queue_poll(mainQueue, 0) { handle(event) }
        handlers.ending?(handle)
        rd_kafka_queue_destroy(mainQueue)
        rd_kafka_destroy(handle)
        let waiters = ends.withLock { ends in
            ends.isOver = true
            defer { ends.waiters = [] }
            return ends.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private func handle(_ event: OpaquePointer) {
        var isTaken = false
        let type = rd_kafka_event_type(event)
        switch type {
        case RD_KAFKA_EVENT_LOG: log(event)
        case RD_KAFKA_EVENT_ERROR: fail(event)
        case RD_KAFKA_EVENT_STATS:
            if let text = rd_kafka_event_stats(event) { handlers.statistics?(String(cString: text)) }
        case RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH: tokens?.refresh(self)
        default: isTaken = handlers.event?(event, type) ?? false
        }
        if !isTaken { rd_kafka_event_destroy(event) }
    }

    private func log(_ event: OpaquePointer) {
        var facility: UnsafePointer<CChar>?
        var text: UnsafePointer<CChar>?
        var severity: Int32 = 0
        guard rd_kafka_event_log(event, &facility, &text, &severity) == 0, let text else { return }
        let level = Self.level(severity)
        guard level >= logger.logLevel else { return }
        logger.log(
            level: level,
            "\(secrets.redact(String(cString: text)))",
            metadata: [
                "client": "\(name)", "facility": "\(facility.map { String(cString: $0) } ?? "-")",
            ],
            source: "librdkafka"
        )
    }

    private func fail(_ event: OpaquePointer) {
        let code = rd_kafka_event_error(event)
        let detail = rd_kafka_event_error_string(event).map { String(cString: $0) } ?? ""
        let isFatal = rd_kafka_event_error_is_fatal(event) != 0 || code == RD_KAFKA_RESP_ERR__FATAL
        let action = "the Kafka client \(name)"
        var error =
            (isFatal ? KafkaError.fatal(of: handle, action) : nil)
            ?? KafkaError.make(code, action, detail: secrets.redact(detail))
        if code == RD_KAFKA_RESP_ERR__AUTHENTICATION, !isFatal, tokens?.isFailing == true {
            // A token that has run out, because there is no new one yet, is no reason to give up.
            error.isFatal = false
            error.isRetriable = true
        }
        // librdkafka has written a line of its own about what it tries again.
        logger.log(level: error.isRetriable ? .debug : .error, "\(error)", metadata: ["client": "\(name)"])
        handlers.failed(error)
    }

    /// The level for a severity of syslog.
    private static func level(_ severity: Int32) -> Logger.Level {
        switch severity {
        case ...2: .critical
        case 3: .error
        case 4: .warning
        case 5: .notice
        case 6: .info
        default: .debug
        }
    }
}
#endif
