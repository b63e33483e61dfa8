// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import Foundation
import Testing

/// A broker of a test's own, which may be halted, and whose connections go through a proxy that may be cut.
///
/// Its data is in memory, so that it can't be killed and started again; to clients a connection that is cut and
/// refused until it is mended is the same.
final class OwnBroker {
    let proxy: LoopbackProxy
    /// What clients don't see of the topics.
    let hidden = HiddenPartitions()
    private let process = Process()

    /// Starts the broker and waits until it takes connections.
    init() async throws {
        let program = try #require(Broker.variable("FAUST_TEST_BROKER_PROGRAM"))
        let port = try Loopback.freePort()
        proxy = try LoopbackProxy(to: port, hiding: hidden)
        process.executableURL = URL(filePath: program)
        process.arguments = [
            "broker", "--listener-url", "tcp://127.0.0.1:\(port)",
            "--advertised-listener-url", "tcp://127.0.0.1:\(proxy.port)", "--storage-engine", "memory://tansu/",
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            if let socket = try? Loopback.connect(to: port) {
                close(socket)
                return
            }
            try #require(ContinuousClock.now < deadline, "the broker does not start")
            // Another process can only be asked again.
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    deinit { end() }

    /// The broker as the setting `broker` takes it.
    var url: String { "kafka://127.0.0.1:\(proxy.port)" }

    /// Halts the process: connections stay, and nothing is answered.
    func halt() { kill(process.processIdentifier, SIGSTOP) }

    /// Lets the process go on.
    func goOn() { kill(process.processIdentifier, SIGCONT) }

    func end() {
        proxy.cut()
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
}
#endif
