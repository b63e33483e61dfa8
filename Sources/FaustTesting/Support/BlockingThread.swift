// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation

/// Runs a function that blocks, such as ``TransportQueue/poll(limit:timeout:)``, on a thread of its own.
///
/// The threads of Swift's cooperative pool are few and must never be blocked: a test that polled on them could keep
/// the very task from running that it waits for.
///
/// - Parameter body: The function; it runs once, to its end, even when the calling task is cancelled.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws.
public func onBlockingThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
    }
}
