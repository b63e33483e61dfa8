// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
package import CRdKafka
package import FaustCore

/// Errors of librdkafka as errors of the library.
package enum KafkaError {
    /// The error for a code of librdkafka.
    ///
    /// - Parameters:
    ///   - code: The code; not `RD_KAFKA_RESP_ERR_NO_ERROR`.
    ///   - action: What was being done, as in "producing".
    ///   - detail: What else librdkafka says; without secrets. `nil` takes its description of the code.
    ///   - topicPartition: The partition that it happened at.
    ///   - offset: The offset of the message that it happened at.
    /// - Returns: The error, with what a person can do about it.
    package static func make(
        _ code: rd_kafka_resp_err_t,
        _ action: String,
        detail: String? = nil,
        at topicPartition: TopicPartition? = nil,
        offset: Int64? = nil
    ) -> FaustError {
        let kind = KafkaErrorKind(code)
        let reason = detail.flatMap { $0.isEmpty ? nil : $0 } ?? String(cString: rd_kafka_err2str(code))
        var message = "\(action) failed: \(reason) (\(String(cString: rd_kafka_err2name(code))))"
        if let remedy = kind.remedy { message += ". \(remedy)" }
        return FaustError(
            kind.code,
            message,
            topicPartition: topicPartition,
            offset: offset,
            isRetriable: kind.isRetriable,
            isFatal: kind.isFatal
        )
    }

    /// The error after which a client can do nothing more.
    ///
    /// - Parameters:
    ///   - handle: The client.
    ///   - action: What was being done.
    /// - Returns: The error; `nil` while there is none.
    package static func fatal(of handle: OpaquePointer, _ action: String) -> FaustError? {
        var text = [CChar](repeating: 0, count: 512)
        let code = rd_kafka_fatal_error(handle, &text, text.count)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        let detail = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        var error = make(code, action, detail: detail)
        error.isFatal = true
        error.isRetriable = false
        return error
    }

    /// The error for an error object of librdkafka, which is destroyed.
    ///
    /// - Parameters:
    ///   - object: The object; `nil` is no error.
    ///   - action: What was being done.
    /// - Returns: The error; `nil` when there is none.
    package static func take(_ object: OpaquePointer?, _ action: String) -> KafkaFailure? {
        guard let object else { return nil }
        defer { rd_kafka_error_destroy(object) }
        let code = rd_kafka_error_code(object)
        var error = make(code, action, detail: String(cString: rd_kafka_error_string(object)))
        if rd_kafka_error_is_retriable(object) != 0 { error.isRetriable = true }
        if rd_kafka_error_is_fatal(object) != 0 {
            error.isFatal = true
            error.isRetriable = false
        }
        return KafkaFailure(
            error: error,
            responseCode: code,
            requiresAbort: rd_kafka_error_txn_requires_abort(object) != 0
        )
    }
}

/// An error of librdkafka with what only transactions and groups ask of it.
package struct KafkaFailure: Error, Sendable {
    /// The error as users see it.
    package var error: FaustError
    /// librdkafka's own code.
    package let responseCode: rd_kafka_resp_err_t
    /// Whether the transaction that is under way can only be aborted.
    package let requiresAbort: Bool
}

extension FaustError {
    /// Whether another producer or worker has taken the identity over.
    package var isFenced: Bool { code == .fenced }
}
#endif
