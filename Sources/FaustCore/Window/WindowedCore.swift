// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// What all handles of a windowed table share.
///
/// It is one object, so that the handle of a key, which every change makes, holds one reference.
@usableFromInline
final class WindowedCore<Key: Sendable, Value: Sendable>: Sendable {
    @usableFromInline let table: TableCore<WindowedKey<Key>, Value>
    let keeper: WindowKeeper<Key, Value>
    /// The short way of changes, if the windows and the keys are such as have one.
    @usableFromInline let path: TumblingPath?
    let makeDefault: @Sendable () -> Value

    init(
        table: TableCore<WindowedKey<Key>, Value>,
        keeper: WindowKeeper<Key, Value>,
        makeDefault: @escaping @Sendable () -> Value
    ) {
        (self.table, self.keeper, self.makeDefault) = (table, keeper, makeDefault)
        let hasShortWay =
            keeper.window.isTumbling && keeper.method.entries.base.isPlain
            && (Key.self == String.self || Key.self == Int.self)
        path = hasShortWay ? TumblingPath(keeper.window, keeper.times, table.life, table.app.clock) : nil
    }
}
