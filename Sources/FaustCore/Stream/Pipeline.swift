// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How a message becomes an event of a stream: the decoding and every operator on top of it, fused into one call.
///
/// A pipeline stays synchronous until an operator needs to suspend, so that most streams never pay for `await`.
@usableFromInline
enum Pipeline<Value: Sendable>: Sendable {
    /// Decides without suspending; `nil` drops the event, which counts as finished.
    case sync(@Sendable (Message) throws -> Value?)
    /// May suspend; `nil` drops the event.
    case async(@Sendable (Message) async throws -> Value?)

    /// The pipeline with one more step that does not suspend.
    @inlinable
    func then<Next: Sendable>(_ step: @escaping @Sendable (Value) throws -> Next?) -> Pipeline<Next> {
        switch self {
        case .sync(let body):
            .sync { message in
                guard let value = try body(message) else { return nil }
                return try step(value)
            }
        case .async(let body):
            .async { message in
                guard let value = try await body(message) else { return nil }
                return try step(value)
            }
        }
    }

    /// The pipeline with one more step that may suspend.
    @usableFromInline
    func then<Next: Sendable>(_ step: @escaping @Sendable (Value, Message) async throws -> Next?) -> Pipeline<Next> {
        switch self {
        case .sync(let body):
            .async { message in
                guard let value = try body(message) else { return nil }
                return try await step(value, message)
            }
        case .async(let body):
            .async { message in
                guard let value = try await body(message) else { return nil }
                return try await step(value, message)
            }
        }
    }
}
