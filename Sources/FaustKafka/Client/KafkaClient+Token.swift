// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
package import FaustCore
import Foundation

extension KafkaClient {
    /// Gives librdkafka the token it has asked for.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for a token that is no token, has expired, or
    ///   that the client has no use for; ``FaustError/Code/closed`` after ``close()``.
    package func setToken(_ token: BrokerToken) throws(FaustError) {
        guard token.lifetime > .zero else { throw Self.refusal("it has expired") }
        let texts = [token.value, token.principal] + token.extensions.flatMap { [$0.key, $0.value] }
        guard !token.value.isEmpty, !texts.contains(where: { $0.utf8.contains(0) }) else {
            throw Self.refusal("it is empty or contains a zero byte")
        }
        // librdkafka counts in milliseconds; a century is as good as forever.
        let lifetime = min(token.lifetime, .seconds(3_155_760_000))
        let milliseconds = max(Int64(lifetime / .milliseconds(1)), 1)
        let expiration = Int64(Date().timeIntervalSince1970 * 1_000) + milliseconds
        try withHandle { (handle) throws(FaustError) in
            // librdkafka copies the strings within the call.
            let strings = token.extensions.flatMap { [strdup($0.key), strdup($0.value)] }
            defer { for string in strings { free(string) } }
            var pointers = strings.map { UnsafePointer($0) }
            var text = [CChar](repeating: 0, count: 512)
            let error = rd_kafka_oauthbearer_set_token(
                handle,
                token.value,
                expiration,
                token.principal,
                &pointers,
                pointers.count,
                &text,
                text.count
            )
            guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
                // The reason may quote the token.
                throw Self.refusal(String(cString: rd_kafka_err2str(error)))
            }
        }
    }

    private static func refusal(_ reason: String) -> FaustError {
        FaustError(.configuration, "the token of the setting brokerTokenProvider can't be used: \(reason)")
    }
}
#endif
