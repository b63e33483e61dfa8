// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import _StringProcessing
import Synchronization

/// A regular expression of a field; used by generated code.
///
/// `Regex` is not `Sendable`, so a lock guards it: strings of one field are matched one at a time.
public final class RecordPattern: Sendable {
    // `nil` when the text is no regular expression, which the macro has refused to compile.
    private let regex: Mutex<Regex<AnyRegexOutput>?>

    /// A pattern written as a string.
    ///
    /// - Parameter text: The regular expression.
    public init(_ text: String) {
        regex = Mutex(try? Regex(text))
    }

    /// A pattern written as a regex literal.
    ///
    /// - Parameter regex: The regular expression.
    public init<Output>(_ regex: sending Regex<Output>) {
        self.regex = Mutex(Regex<AnyRegexOutput>(regex))
    }

    /// Whether the whole of a text matches.
    ///
    /// - Parameter text: The text.
    /// - Returns: `false` also when only a part of it matches.
    public func matches(_ text: String) -> Bool {
        regex.withLock { regex in
            guard let regex else { return false }
            return (try? regex.wholeMatch(in: text)) != nil
        }
    }
}
