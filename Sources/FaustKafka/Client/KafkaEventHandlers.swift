// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
package import FaustCore

/// What a client does with what librdkafka reports.
///
/// All calls come from the client's event thread, one at a time, and may block it for a little while: nothing but other
/// reports waits. They must not call ``KafkaClient/close()`` and wait for it.
package struct KafkaEventHandlers: Sendable {
    /// An error that belongs to no call, logged already; `isFatal` when the client can do nothing more.
    package var failed: @Sendable (FaustError) -> Void = { _ in }
    /// Statistics in JSON, every `statistics.interval.ms`.
    package var statistics: (@Sendable (String) -> Void)?
    /// The token of OAUTHBEARER is needed or runs out; set it with ``KafkaClient/setToken(_:)``.
    ///
    /// Without this handler librdkafka gets its tokens itself (OIDC).
    package var tokenNeeded: (@Sendable (KafkaClient) -> Void)?
    /// Every other event that was asked for: an `rd_kafka_event_t` and its `rd_kafka_event_type()`.
    ///
    /// The event is destroyed after the call, unless the call returns `true` and so takes it over.
    package var event: (@Sendable (_ event: OpaquePointer, _ type: Int32) -> Bool)?
    /// After each event, and about once a second without any; the handle must not escape from the call.
    package var tick: (@Sendable (_ handle: OpaquePointer) -> Void)?
    /// Once, on the event thread, right before librdkafka's object is destroyed: for what must be destroyed before it.
    package var ending: (@Sendable (_ handle: OpaquePointer) -> Void)?

    /// Handlers that do nothing.
    package init() {}
}
#endif
