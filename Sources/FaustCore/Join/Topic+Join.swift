// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension Topic {
    /// Joins each event with those of another topic that have its key and are close in time; see ``StreamJoin``.
    ///
    /// Events without a partner are dropped.
    ///
    /// - Parameters:
    ///   - right: The other topic, with as many partitions.
    ///   - difference: How far the times of partners may lie apart, in whole milliseconds.
    ///   - grace: How long an event waits for late partners behind that; none by default.
    /// - Returns: The join, for an agent to read.
    public func join<Right: Sendable>(
        _ right: Topic<Key, Right>,
        within difference: Duration,
        grace: Duration = .zero
    ) -> StreamJoin<Key, (Value, Right)> {
        join(right, within: difference, grace: grace) { ($0, $1) }
    }

    /// Joins each event with those of another topic that have its key and are close in time, and makes a value of each
    /// pair; see ``join(_:within:grace:)``.
    ///
    /// - Parameters:
    ///   - right: The other topic, with as many partitions.
    ///   - difference: How far the times of partners may lie apart, in whole milliseconds.
    ///   - grace: How long an event waits for late partners behind that; none by default.
    ///   - combine: Makes a result of two partners; what it throws is treated by the agent's ``ErrorPolicy``, with the
    ///     later of the two in hand.
    /// - Returns: The join, for an agent to read.
    public func join<Right: Sendable, Joined: Sendable>(
        _ right: Topic<Key, Right>,
        within difference: Duration,
        grace: Duration = .zero,
        _ combine: @escaping @Sendable (Value, Right) throws -> Joined
    ) -> StreamJoin<Key, Joined> {
        joined(right, JoinWindow(within: difference, grace: grace), keeps: JoinPair(false, false)) { left, right in
            // Events without a partner are not asked for.
            guard let left, let right else { throw Skip() }
            return try combine(left, right)
        }
    }

    /// Joins each event with those of another topic that have its key and are close in time, or with `nil` when none was;
    /// see ``StreamJoin``.
    ///
    /// - Parameters:
    ///   - right: The other topic, with as many partitions.
    ///   - difference: How far the times of partners may lie apart, in whole milliseconds.
    ///   - grace: How long an event waits for late partners behind that; none by default.
    /// - Returns: The join, for an agent to read.
    public func leftJoin<Right: Sendable>(
        _ right: Topic<Key, Right>,
        within difference: Duration,
        grace: Duration = .zero
    ) -> StreamJoin<Key, (Value, Right?)> {
        leftJoin(right, within: difference, grace: grace) { ($0, $1) }
    }

    /// Joins each event with those of another topic that are close in time, or with `nil`, and makes a value of both;
    /// see ``leftJoin(_:within:grace:)``.
    ///
    /// - Parameters:
    ///   - right: The other topic, with as many partitions.
    ///   - difference: How far the times of partners may lie apart, in whole milliseconds.
    ///   - grace: How long an event waits for late partners behind that; none by default.
    ///   - combine: Makes a result of an event and its partner.
    /// - Returns: The join, for an agent to read.
    public func leftJoin<Right: Sendable, Joined: Sendable>(
        _ right: Topic<Key, Right>,
        within difference: Duration,
        grace: Duration = .zero,
        _ combine: @escaping @Sendable (Value, Right?) throws -> Joined
    ) -> StreamJoin<Key, Joined> {
        joined(right, JoinWindow(within: difference, grace: grace), keeps: JoinPair(true, false)) { left, right in
            guard let left else { throw Skip() }
            return try combine(left, right)
        }
    }

    /// Joins the events of two topics that have the same key and are close in time; see ``StreamJoin``.
    ///
    /// Events of both that have had no partner come alone.
    ///
    /// - Parameters:
    ///   - right: The other topic, with as many partitions.
    ///   - difference: How far the times of partners may lie apart, in whole milliseconds.
    ///   - grace: How long an event waits for late partners behind that; none by default.
    /// - Returns: The join, for an agent to read; one of the two is there at least.
    public func outerJoin<Right: Sendable>(
        _ right: Topic<Key, Right>,
        within difference: Duration,
        grace: Duration = .zero
    ) -> StreamJoin<Key, (Value?, Right?)> {
        outerJoin(right, within: difference, grace: grace) { ($0, $1) }
    }

    /// Joins the events of two topics that have the same key and are close in time, and makes a value of each pair and each
    /// event without a partner; see ``outerJoin(_:within:grace:)``.
    ///
    /// - Parameters:
    ///   - right: The other topic, with as many partitions.
    ///   - difference: How far the times of partners may lie apart, in whole milliseconds.
    ///   - grace: How long an event waits for late partners behind that; none by default.
    ///   - combine: Makes a result; one of the two is there at least.
    /// - Returns: The join, for an agent to read.
    public func outerJoin<Right: Sendable, Joined: Sendable>(
        _ right: Topic<Key, Right>,
        within difference: Duration,
        grace: Duration = .zero,
        _ combine: @escaping @Sendable (Value?, Right?) throws -> Joined
    ) -> StreamJoin<Key, Joined> {
        joined(right, JoinWindow(within: difference, grace: grace), keeps: JoinPair(true, true), combine)
    }

    private func joined<Right: Sendable, Joined: Sendable>(
        _ right: Topic<Key, Right>,
        _ window: JoinWindow,
        keeps: JoinPair<Bool>,
        _ combine: @escaping @Sendable (Value?, Right?) throws -> Joined
    ) -> StreamJoin<Key, Joined> {
        let (leftSchema, rightSchema) = (schema, right.schema)
        return StreamJoin(
            apps: JoinPair(app, right.app),
            topics: JoinPair(selection, right.selection),
            keySerdes: JoinPair(leftSchema.key.name, rightSchema.key.name),
            window: window,
            keeps: keeps,
            key: { side, message in
                side == .left ? try leftSchema.joinedKey(of: message) : try rightSchema.joinedKey(of: message)
            },
            bind: { side, message in
                switch side {
                case .left:
                    let left = try leftSchema.joinedValue(of: message)
                    return { partner in try combine(left, try partner.map(rightSchema.joinedValue)) }
                case .right:
                    let right = try rightSchema.joinedValue(of: message)
                    return { partner in try combine(try partner.map(leftSchema.joinedValue), right) }
                }
            }
        )
    }
}

extension Schema {
    fileprivate func joinedKey(of message: Message) throws -> Key {
        do throws(FaustError) { return try decodeKey(of: message) } catch { throw DecodeFailure(error) }
    }

    fileprivate func joinedValue(of message: Message) throws -> Value {
        do throws(FaustError) { return try decodeValue(of: message) } catch { throw DecodeFailure(error) }
    }
}
