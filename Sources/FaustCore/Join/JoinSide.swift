// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// One of the two streams that are joined.
enum JoinSide: UInt8, Sendable, CaseIterable {
    case left = 1
    case right = 2

    var other: JoinSide { self == .left ? .right : .left }
}

/// Something for each of the two streams that are joined.
struct JoinPair<Element: Sendable>: Sendable {
    var left: Element
    var right: Element

    init(_ left: Element, _ right: Element) {
        (self.left, self.right) = (left, right)
    }

    subscript(side: JoinSide) -> Element {
        get { side == .left ? left : right }
        // In place, so that arrays are not copied.
        _modify { if side == .left { yield &left } else { yield &right } }
    }
}

extension JoinPair {
    func map<Next: Sendable>(_ transform: (Element) -> Next) -> JoinPair<Next> {
        JoinPair<Next>(transform(left), transform(right))
    }
}
