// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation

/// The standard output of the process.
package enum StandardOutput {
    /// Writes text behind what `print` has written.
    package static func write(_ text: String) {
        print(text, terminator: "")
    }

    /// Writes a table as a person sees it, or as JSON.
    package static func write(_ table: TextTable, json: Bool = false) {
        let terminal = Terminal.behind(descriptor: 1, environment: ProcessInfo.processInfo.environment)
        write(json ? table.json() + "\n" : table.text(for: terminal))
    }
}

/// The standard error of the process.
package enum StandardError {
    /// Writes text at once.
    package static func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
