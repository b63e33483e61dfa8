// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How hopping windows are put together from panes: stretches of time that are in the same windows throughout.
///
/// A pane is as long as the greatest common divisor of size and step. A change is made in the one pane of its time, and
/// a window's value is that of its panes, combined. A change that is late for the oldest windows of its pane must not be
/// seen by them: it goes to an entry beside the pane's, which says from which window on it counts. So an entry is a pane
/// together with the end of the oldest window that it counts for, and windows are exactly what they are without panes.
struct PaneMath: Sendable, Hashable {
    let window: Window
    let size: Int64
    let step: Int64
    /// The length of a pane.
    let length: Int64

    /// - Parameter window: Hopping windows.
    init(_ window: Window) {
        self.window = window
        if case .hopping(let size, let step) = window.kind {
            (self.size, self.step) = (size, step)
        } else {
            (size, step) = (1, 1)
        }
        var (divisor, rest) = (size, step)
        while rest > 0 { (divisor, rest) = (rest, divisor % rest) }
        length = divisor
    }

    /// The end of the oldest window that a pane is in.
    func oldestEnd(ofPane start: Int64) -> Int64 {
        Window.floor(start - size, step) + step + size
    }

    /// The entry that a change goes to.
    ///
    /// - Returns: The pane's start, and the end of the oldest window that the change counts for; `nil` when it is late.
    func entry(at moment: WindowMoment) -> WindowRange? {
        let pane = Window.floor(Window.bounded(moment.time), length)
        let (oldest, open) = (oldestEnd(ofPane: pane), window.firstOpenEnd(at: moment.streamTime))
        guard oldest < open else { return WindowRange(pane, oldest) }
        let end = oldest + (open - oldest + step - 1) / step * step
        return end <= Window.floor(pane, step) + size ? WindowRange(pane, end) : nil
    }

    /// The starts of the panes of a window.
    func panes(of range: WindowRange) -> StrideTo<Int64> {
        stride(from: range.start.milliseconds, to: range.end.milliseconds, by: Int(length))
    }

    /// The first start of windows that is not before some time.
    func firstStart(notBefore time: Int64) -> Int64 {
        time == .min ? time : Window.floor(time - 1, step) + step
    }

    /// Whether a range is one of the windows.
    func isWindow(_ range: WindowRange) -> Bool {
        range.start.milliseconds == Window.floor(range.start.milliseconds, step)
            && range.end.milliseconds - size == range.start.milliseconds
    }

    /// The first start of panes that are in a window that ends at some time or later.
    func firstPane(ofWindowsEnding end: Int64) -> Int64 {
        // A pane's newest window starts at the last multiple of the step that is not behind it.
        let start = end - size
        return Window.floor(start - 1, step) + step
    }
}
