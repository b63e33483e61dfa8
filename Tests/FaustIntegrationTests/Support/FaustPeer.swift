// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import Foundation
import Testing

/// A process of Faust for Python that runs Tests/FaustPeer/faust_peer.py.
final class FaustPeer {
    private let process = Process()
    private let folder: URL
    private var output: URL { folder.appending(path: "output") }

    private static let script = URL(filePath: #filePath)
        .appending(path: "../../../FaustPeer/faust_peer.py").standardized

    /// The folder with Faust for Python; `nil` when the tests were started without.
    static var path: String? { Broker.variable("FAUST_TEST_FAUST") }

    /// Starts a job that goes on until ``stop()``.
    init(_ job: String, _ prefix: String) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "faust-peer-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", Self.script.path, job, Broker.url ?? "", prefix, folder.path]
        process.environment = ProcessInfo.processInfo.environment.merging(Self.environment) { $1 }
        try Data().write(to: output)
        let file = try FileHandle(forWritingTo: output)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = file
        process.standardError = file
        try process.run()
    }

    deinit { stop() }

    /// Ends the process, which has nothing to save.
    func stop() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// What the process has printed last, for messages.
    var said: String {
        ((try? String(contentsOf: output, encoding: .utf8)) ?? "").split(separator: "\n").suffix(20)
            .joined(separator: "\n")
    }

    /// Runs a job to its end.
    ///
    /// - Returns: What it prints.
    static func run(_ job: String, _ prefix: String) async throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "faust-peer-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let arguments = ["python3", script.path, job, Broker.url ?? "", prefix, folder.path]
        return try await Command.run(arguments, environment: environment)
    }

    private static var environment: [String: String] {
        // The programs of the tests load a newer librdkafka, which concerns nobody else.
        ["PYTHONPATH": path ?? "", "LD_LIBRARY_PATH": "", "PYTHONUNBUFFERED": "1"]
    }
}

extension Trait where Self == ConditionTrait {
    /// The test needs a broker and Faust for Python, and is left out without them.
    static var needsFaustPeer: Self {
        .enabled(if: Broker.isThere && FaustPeer.path != nil, "there is no Faust for Python; run scripts/test")
    }
}
#endif
