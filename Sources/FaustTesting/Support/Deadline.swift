// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Something did not happen in the time a test allows for it.
package struct DeadlineExceeded: Error, CustomStringConvertible {
    /// What was waited for.
    package let what: String
    /// How long.
    package let limit: Duration

    package var description: String { "waited \(limit) in vain for \(what)" }
}

/// Runs an operation and gives up on it after a while, so that a defect shows as a failure and not as a hang.
///
/// - Parameters:
///   - limit: How long to wait; generous, because it is reached only when something is broken.
///   - what: What is waited for, for the message.
///   - operation: The operation. It is cancelled after `limit`, and left behind when it does not heed that.
/// - Returns: What `operation` returns.
/// - Throws: ``DeadlineExceeded``, or what `operation` throws.
@discardableResult
package func withDeadline<Value: Sendable>(
    _ limit: Duration,
    _ what: String,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let outcome = Watched<Result<Value, any Error>?>(nil)
    // Unstructured, because a task group would wait for an operation that hangs and ignores its cancellation.
    let task = Task {
        let result: Result<Value, any Error>
        do { result = .success(try await operation()) } catch { result = .failure(error) }
        outcome.update { $0 = result }
    }
    defer { task.cancel() }
    return try await withThrowingTaskGroup(of: Result<Value, any Error>?.self) { group in
        group.addTask { try await outcome.wait { $0 != nil } }
        group.addTask {
            try await Task.sleep(for: limit, clock: .continuous)
            return nil
        }
        defer { group.cancelAll() }
        guard let result = try await group.next() ?? nil else { throw DeadlineExceeded(what: what, limit: limit) }
        return try result.get()
    }
}
