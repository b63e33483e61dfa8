// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import Foundation

/// The book that ships with the examples.
package enum Book {
    /// Where its text lies.
    package static let url = URL(filePath: #filePath)
        .deletingLastPathComponent()
        .appending(path: "../../Data/alice29.txt")
        .standardizedFileURL

    /// The shell has failed.
    package struct Failure: Error {
        /// Its exit status.
        package let status: Int32
    }

    /// The words of a text with their counts as the shell counts them, the most frequent first.
    package static func shellListing(of text: URL = url) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", command(text)]
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(status: process.terminationStatus) }
        return String(decoding: data, as: UTF8.self)
    }

    private static func command(_ text: URL) -> String {
        """
        export LC_ALL=C
        tr A-Z a-z < '\(text.path)' | grep -aoE "[a-z]+('[a-z]+)*" | sort | uniq -c | sort -k1,1nr -k2,2
        """
    }
}
