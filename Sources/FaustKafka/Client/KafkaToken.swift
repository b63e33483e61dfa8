// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
package import FaustCore
import Foundation

/// A token of OAUTHBEARER (RFC 7628).
///
/// Neither printing nor dumping it shows the token.
package struct KafkaToken: Sendable, CustomStringConvertible, CustomReflectable {
    /// The token as it is sent.
    package let value: String
    /// When it stops being valid, in milliseconds since 1970; librdkafka asks for the next one after 80 % of the time.
    package let expirationMilliseconds: Int64
    /// Whose token it is, for log lines of the broker.
    package let principal: String
    /// SASL extensions (KIP-342).
    package let extensions: [String: String]

    /// A token.
    package init(
        _ value: String,
        expirationMilliseconds: Int64,
        principal: String = "",
        extensions: [String: String] = [:]
    ) {
        self.value = value
        self.expirationMilliseconds = expirationMilliseconds
        self.principal = principal
        self.extensions = extensions
    }

    /// Whose token it is.
    package var description: String { "a token of '\(principal)'" }
    /// What a dump shows.
    package var customMirror: Mirror { Mirror(self, children: ["principal": principal]) }
}

extension KafkaClient {
    /// Gives librdkafka the token it has asked for.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for a token that is no token, has expired, or
    ///   that the client has no use for.
    package func setToken(_ token: KafkaToken) throws(FaustError) {
        try withHandle { (handle) throws(FaustError) in
            // librdkafka copies the strings within the call.
            let strings = token.extensions.flatMap { [strdup($0.key), strdup($0.value)] }
            defer { for string in strings { free(string) } }
            var pointers = strings.map { UnsafePointer($0) }
            var text = [CChar](repeating: 0, count: 512)
            let error = rd_kafka_oauthbearer_set_token(
                handle,
                token.value,
                token.expirationMilliseconds,
                token.principal,
                &pointers,
                pointers.count,
                &text,
                text.count
            )
            guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
                // The reason may quote the token.
                throw FaustError(
                    .configuration,
                    "librdkafka refuses the token: \(String(cString: rd_kafka_err2str(error)))"
                )
            }
        }
    }

    /// Tells librdkafka that there is no token; it asks again after ten seconds.
    ///
    /// - Parameter reason: Why, without secrets; logged by librdkafka.
    package func refuseToken(_ reason: String) {
        // A client that is closed needs no token.
        _ = try? withHandle { (handle) throws(FaustError) in
            rd_kafka_oauthbearer_set_token_failure(handle, reason.isEmpty ? "no token" : reason)
        }
    }
}
#endif
