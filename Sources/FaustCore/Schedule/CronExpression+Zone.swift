// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension CronExpression {
    /// How far the search looks ahead for changes of the clock: more than any clock is ever changed by.
    private static let reach = 3 * 86_400
    /// The furthest away that times are looked for: about 34,000 years from 1970.
    private static let horizon = 1 << 40
    private static let patience = 400 * 366 * 86_400

    /// The first time after another at which the expression fires; see ``next(after:in:)``.
    ///
    /// The search goes through the stretches of time between two changes of the clock, in each of which times of the
    /// clock and moments go together. It rests on one fact: no clock is changed twice within three days.
    ///
    /// - Parameters:
    ///   - start: Seconds since 1970.
    ///   - offset: How far the clock is ahead of UTC at a moment, in seconds.
    /// - Returns: Seconds since 1970; `nil` when there is none.
    func next(after start: Int, offset: (Int) -> Int) -> Int? {
        guard abs(start) < Self.horizon else { return nil }
        // Everything up to `moment`, and up to `local` on the clock, is behind us.
        var moment = start
        var ahead = offset(moment)
        var local = moment + ahead
        if !isPeriodic, let repeated = repetition(at: start, ahead, offset) { local = max(local, repeated - 1) }
        while moment - start < Self.patience {
            guard let named = nextNamed(after: local) else { return nil }
            let candidate = named - ahead
            let end = min(candidate, moment + Self.reach)
            if let change = change(after: moment, through: end, from: ahead, offset) {
                let changed = offset(change)
                if changed > ahead, !isPeriodic, named < change + changed { return change }
                // Fixed times of a stretch that is repeated have fired already.
                local = isPeriodic || changed > ahead ? change + changed - 1 : max(local, change + ahead - 1)
                moment = change - 1
                ahead = changed
            } else if candidate == end {
                return candidate
            } else {
                // Nothing is named for long; two days are more than all clocks can differ by.
                moment = candidate - 2 * 86_400
                ahead = offset(moment)
                local = moment + ahead
            }
        }
        return nil
    }

    /// When the clock is showing times for the second time at a moment: up to which time of the clock it does.
    private func repetition(at moment: Int, _ ahead: Int, _ offset: (Int) -> Int) -> Int? {
        let earlier = moment - Self.reach
        let before = offset(earlier)
        guard before > ahead, let change = change(after: earlier, through: moment, from: before, offset) else {
            return nil
        }
        return moment + ahead < change + before ? change + before : nil
    }

    /// The first moment of a stretch at which the clock is changed, if it is changed in it.
    private func change(after start: Int, through end: Int, from ahead: Int, _ offset: (Int) -> Int) -> Int? {
        guard end > start, offset(end) != ahead else { return nil }
        var (low, high) = (start, end)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(middle) == ahead { low = middle } else { high = middle }
        }
        return high
    }
}
