// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser

/// A header given on the command line as `name=value`; without `=` the value is null.
package struct HeaderArgument: Sendable, Equatable, ExpressibleByArgument {
    /// The name.
    package let name: String
    /// The value; `nil` is null, which is not the same as empty.
    package let value: String?

    /// Splits at the first `=`; `nil` if there is no name.
    package init?(argument: String) {
        guard let separator = argument.firstIndex(of: "=") else {
            guard !argument.isEmpty else { return nil }
            (name, value) = (argument, nil)
            return
        }
        guard separator > argument.startIndex else { return nil }
        name = String(argument[..<separator])
        value = String(argument[argument.index(after: separator)...])
    }
}
