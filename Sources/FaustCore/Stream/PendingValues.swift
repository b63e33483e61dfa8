// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The values of one message that an iterator has not handed out yet, behind a `flatMap`.
///
/// Meanwhile the cursor seems to be at the end of its run: so the iterator looks here only when it would look for a run
/// anyway, and a stream without `flatMap` pays nothing. The message counts as in hand until its last value was handed
/// out and the next one is asked for.
@usableFromInline
struct PendingValues<Value: Sendable> {
    @usableFromInline var values: [Value] = []
    @usableFromInline var index = 0
    /// Where the cursor's run really ends.
    @usableFromInline var end = 0

    @inlinable
    init() {}

    @inlinable var isEmpty: Bool { values.isEmpty }

    /// Takes the values of a message.
    ///
    /// - Returns: The first one; `nil` when there are none.
    @inlinable
    mutating func fill(_ new: [Value], _ cursor: inout StreamCursor) -> Value? {
        guard new.count > 1 else { return new.first }
        values = new
        index = 1
        end = cursor.end
        cursor.end = cursor.index
        return new[0]
    }

    /// The next value of the message; `nil` when there are no more.
    @inlinable
    mutating func next(_ cursor: inout StreamCursor) -> Value? {
        guard index < values.count else { return nil }
        let value = values[index]
        index += 1
        if index == values.count {
            // From the next look on the run goes on.
            cursor.end = end
            self = PendingValues()
        }
        return value
    }
}
