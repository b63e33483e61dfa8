// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
import Synchronization

/// Knows whether a member is just being let into its group anew: from its JoinGroup to the answer to its SyncGroup.
///
/// What is committed in between waits behind the JoinGroup, on the same connection, and arrives with the number of a
/// generation that has just ended. The group refuses that, and librdkafka then takes everything for lost that the
/// member has, whose messages would be processed again. So commits are held back for that time.
///
/// librdkafka tells of neither request by an event, but calls interceptors, on its own threads, when requests are sent
/// and answered. They get the address of one atomic value, and no Swift object.
///
/// It is `@unchecked Sendable` because of that pointer. It is safe: the pointer is set once, what it points to is atomic
/// and lives as long as this object, and whoever makes a client with ``install(in:)`` keeps this object until the client
/// is destroyed.
final class JoinWatch: @unchecked Sendable {
    private let joining: UnsafeMutablePointer<Atomic<Bool>>

    init() {
        joining = .allocate(capacity: 1)
        joining.initialize(to: Atomic(false))
    }

    deinit {
        joining.deinitialize(count: 1)
        joining.deallocate()
    }

    /// Whether a commit would be refused.
    ///
    /// It stays `true` when the group refuses the member, until the member tries again; so nobody should wait forever.
    var isJoining: Bool { joining.pointee.load(ordering: .acquiring) }

    /// Has the interceptors called by the client that is made of a configuration.
    func install(in configuration: OpaquePointer) {
        rd_kafka_conf_interceptor_add_on_new(
            configuration,
            "faust-join",
            { client, _, joining, _, _ in JoinWatch.watch(client, joining) },
            joining
        )
    }

    private static func watch(_ client: OpaquePointer?, _ joining: UnsafeMutableRawPointer?) -> rd_kafka_resp_err_t {
        rd_kafka_interceptor_add_on_request_sent(
            client,
            "faust-join",
            { _, _, _, _, key, _, _, _, joining in
                if key == JoinWatch.joinGroup { JoinWatch.set(joining, true) }
                return RD_KAFKA_RESP_ERR_NO_ERROR
            },
            joining
        )
        return rd_kafka_interceptor_add_on_response_received(
            client,
            "faust-join",
            { _, _, _, _, key, _, _, _, _, _, joining in
                if key == JoinWatch.syncGroup { JoinWatch.set(joining, false) }
                return RD_KAFKA_RESP_ERR_NO_ERROR
            },
            joining
        )
    }

    private static let joinGroup: Int16 = 11
    private static let syncGroup: Int16 = 14

    private static func set(_ joining: UnsafeMutableRawPointer?, _ value: Bool) {
        joining?.assumingMemoryBound(to: Atomic<Bool>.self).pointee.store(value, ordering: .releasing)
    }
}
#endif
