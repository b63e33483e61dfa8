// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// One of the ways that a stream's events may go; see ``EventStream/branch(_:)``.
public struct Branch<Value: Sendable>: Sendable {
    /// Handles a value if it belongs to the branch.
    let handle: @Sendable (Value) async throws -> Bool

    /// The values that a closure makes something of, such as one case of an enumeration.
    ///
    /// - Parameters:
    ///   - select: Makes what the branch works on; `nil` for values of other branches.
    ///   - body: Works on it; the event is finished when it returns.
    /// - Returns: The branch.
    public static func when<Part: Sendable>(
        _ select: @escaping @Sendable (Value) throws -> Part?,
        _ body: @escaping @Sendable (Part) async throws -> Void
    ) -> Branch {
        Branch { value in
            guard let part = try select(value) else { return false }
            try await body(part)
            return true
        }
    }

    /// The values that pass a test.
    ///
    /// - Parameters:
    ///   - isIncluded: The test.
    ///   - body: Works on a value; the event is finished when it returns.
    /// - Returns: The branch.
    public static func matching(
        _ isIncluded: @escaping @Sendable (Value) throws -> Bool,
        _ body: @escaping @Sendable (Value) async throws -> Void
    ) -> Branch {
        when({ try isIncluded($0) ? $0 : nil }, body)
    }

    /// The values that no branch before takes; the last branch.
    ///
    /// - Parameter body: Works on a value; the event is finished when it returns.
    /// - Returns: The branch.
    public static func otherwise(_ body: @escaping @Sendable (Value) async throws -> Void) -> Branch {
        matching({ _ in true }, body)
    }
}

extension EventStream {
    /// Sends each event down the first of several branches that takes it, until the stream ends.
    ///
    /// ```swift
    /// try await stream.branch(
    ///     .when(\.click) { click in … },
    ///     .when(\.view) { view in … },
    ///     .otherwise { action in … }
    /// )
    /// ```
    ///
    /// Each branch has the type of what it works on. Events stay in order, one at a time; an event that no branch takes
    /// is dropped. A loop that does nothing else: to work on branches side by side, declare an agent for each.
    ///
    /// - Parameter branches: The branches in the order in which they are asked.
    /// - Throws: What the stream or a branch throws; the event in hand is not finished then.
    public func branch(_ branches: Branch<Value>...) async throws {
        for try await value in self {
            for branch in branches {
                if try await branch.handle(value) { break }
            }
        }
    }
}
