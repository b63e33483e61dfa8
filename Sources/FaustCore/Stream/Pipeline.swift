// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A message that a pipeline has thrown at.
@usableFromInline
struct PipelineFault {
    @usableFromInline let error: any Error
    @usableFromInline let message: Message

    @inlinable
    init(error: any Error, message: Message) {
        self.error = error
        self.message = message
    }
}

/// How a message becomes an event of a stream: the decoding and every operator on top of it, fused into one call.
///
/// A pipeline stays synchronous until an operator needs to suspend, so that most streams never pay for `await`; it makes
/// arrays only behind a `flatMap`.
@usableFromInline
enum Pipeline<Value: Sendable>: Sendable {
    /// Decides without suspending; `nil` drops the event, which counts as finished.
    case sync(@Sendable (Message) throws -> Value?)
    /// May suspend; `nil` drops the event.
    case async(@Sendable (Message) async throws -> Value?)
    /// Makes any number of values of a message; none drops the event.
    case many(@Sendable (Message) async throws -> [Value])

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
        case .many(let body):
            .many { message in try await body(message).compactMap { try step($0) } }
        }
    }

    /// The pipeline with one more step that does not suspend and looks at the message.
    @inlinable
    func then<Next: Sendable>(_ step: @escaping @Sendable (Value, Message) throws -> Next?) -> Pipeline<Next> {
        switch self {
        case .sync(let body):
            .sync { message in
                guard let value = try body(message) else { return nil }
                return try step(value, message)
            }
        case .async(let body):
            .async { message in
                guard let value = try await body(message) else { return nil }
                return try step(value, message)
            }
        case .many(let body):
            .many { message in try await body(message).compactMap { try step($0, message) } }
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
        case .many(let body):
            .many { message in
                var values: [Next] = []
                for value in try await body(message) {
                    if let next = try await step(value, message) { values.append(next) }
                }
                return values
            }
        }
    }

    /// The pipeline with one more step that makes any number of values.
    @usableFromInline
    func flat<Next: Sendable>(_ step: @escaping @Sendable (Value) async throws -> [Next]) -> Pipeline<Next> {
        switch self {
        case .sync(let body):
            .many { message in
                guard let value = try body(message) else { return [] }
                return try await step(value)
            }
        case .async(let body):
            .many { message in
                guard let value = try await body(message) else { return [] }
                return try await step(value)
            }
        case .many(let body):
            .many { message in
                var values: [Next] = []
                for value in try await body(message) { values += try await step(value) }
                return values
            }
        }
    }

    /// Whether a message may have several values.
    @inlinable var isMany: Bool {
        if case .many = self { true } else { false }
    }

    /// Calls a closure with each value of a message.
    func forEach(of message: Message, _ body: (Value) async throws -> Void) async throws {
        switch self {
        case .sync(let make): if let value = try make(message) { try await body(value) }
        case .async(let make): if let value = try await make(message) { try await body(value) }
        case .many(let make): for value in try await make(message) { try await body(value) }
        }
    }
}
