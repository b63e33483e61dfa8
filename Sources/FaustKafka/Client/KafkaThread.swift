// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation

/// Threads for calls of librdkafka that block, which the threads of Swift's cooperative pool must never do.
package enum KafkaThread {
    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: What debuggers show.
    ///   - body: What the thread does; the thread ends when it returns.
    package static func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = name
        thread.start()
    }

    /// Runs a function that blocks on a thread of its own.
    ///
    /// - Parameter body: The function; it runs once, to its end, even when the calling task is cancelled.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws.
    package static func blocking<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            start("faust-kafka-call") { continuation.resume(with: Result(catching: body)) }
        }
    }
}
