// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import FaustTesting
import Foundation
import Testing

/// A command that another client of Kafka offers.
enum Command {
    /// Runs a command to its end.
    ///
    /// - Parameters:
    ///   - arguments: The program and its arguments.
    ///   - input: What it reads from its standard input.
    ///   - environment: What its environment holds besides the tests' own.
    /// - Returns: Its standard output; what it writes to its standard error is shown when it fails.
    /// - Throws: A failed requirement when the command does not end with 0.
    static func run(
        _ arguments: [String],
        input: String = "",
        environment: [String: String] = [:]
    ) async throws -> String {
        try await onBlockingThread {
            // Files instead of pipes, which fill up while nobody reads them.
            let folder = FileManager.default.temporaryDirectory.appending(path: "faust-command-\(UUID())")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try Data(input.utf8).write(to: folder.appending(path: "input"))
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = arguments
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            process.standardInput = try FileHandle(forReadingFrom: folder.appending(path: "input"))
            let output = try file("output", in: folder)
            let errors = try file("errors", in: folder)
            process.standardOutput = output
            process.standardError = errors
            try process.run()
            process.waitUntilExit()
            let said = try String(contentsOf: folder.appending(path: "errors"), encoding: .utf8)
            try #require(process.terminationStatus == 0, "\(arguments.joined(separator: " ")): \(said)")
            return try String(contentsOf: folder.appending(path: "output"), encoding: .utf8)
        }
    }

    /// Runs a script on the Python that has the client of Confluent.
    static func python(_ script: String, _ arguments: [String]) async throws -> String {
        let python = try #require(Broker.variable("FAUST_TEST_PYTHON"))
        let path = try #require(Broker.variable("FAUST_TEST_PYTHONPATH"))
        return try await run([python, "-c", script] + arguments, environment: ["PYTHONPATH": path])
    }

    private static func file(_ name: String, in folder: URL) throws -> FileHandle {
        let url = folder.appending(path: name)
        try Data().write(to: url)
        return try FileHandle(forWritingTo: url)
    }
}
#endif
