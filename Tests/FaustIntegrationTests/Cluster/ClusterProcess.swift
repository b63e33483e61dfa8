// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import FaustTesting
import Foundation

/// A ``ClusterWorker`` as a process of its own, with its ledger.
final class ClusterProcess {
    /// How long the group waits for a sign of life.
    static let session = Duration.seconds(6)

    let number: Int
    var ledger: ClusterLedger
    private let process = Process()
    private let status = Watched<Int32?>(nil)
    private let output: URL

    init(_ number: Int, cluster: String, folder: URL) throws {
        self.number = number
        ledger = ClusterLedger(folder.appending(path: "ledger-\(number)"), worker: number)
        output = folder.appending(path: "output-\(number)")
        process.executableURL =
            URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "ClusterWorker")
        process.arguments = ["worker", "-D", folder.appending(path: "data-\(number)").path]
        process.environment = ProcessInfo.processInfo.environment.merging([
            "CLUSTER_NAME": cluster,
            "LEDGER": ledger.url.path,
            "BROKER_URL": Broker.url ?? "",
            "BROKER_SESSION_TIMEOUT": "\(Self.session.components.seconds)s",
            "BROKER_HEARTBEAT_INTERVAL": "0.5s",
            // The worker commits by itself and notes it; the engine's own commits would not be noted.
            "BROKER_COMMIT_INTERVAL": "1h",
        ]) { $1 }
        try Data().write(to: output)
        let file = try FileHandle(forWritingTo: output)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = file
        process.standardError = file
        let status = status
        process.terminationHandler = { process in
            let signal: Int32 = process.terminationReason == .uncaughtSignal ? 128 : 0
            status.update { $0 = signal + process.terminationStatus }
        }
        try process.run()
    }

    deinit {
        // A test that has failed must not leave its processes behind.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    var isRunning: Bool { process.isRunning }

    /// What it has processed, as far as its ledger was read.
    var processed: [ClusterEntry] { ledger.entries.filter { $0.kind == .processed } }

    /// What the worker has printed last, for messages.
    var lastLines: String {
        let text = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(20).joined(separator: "\n")
    }

    /// What the worker has printed in lines that contain a text.
    func lines(with text: String) -> [String] {
        let all = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
        return all.split(separator: "\n").filter { $0.contains(text) }.map(String.init)
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits for the end: the status, 128 + n after a signal.
    func exitStatus() async throws -> Int32 {
        let status = status
        return try await withDeadline(.seconds(90), "the end of worker \(number)") {
            try await status.wait { $0 != nil }
        } ?? -1
    }
}
#endif
