// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct WorkerTests {
    private let inMemory = ["BROKER_URL": "memory://"]

    @Test("a worker shows who it is, works, and ends with 0 when it is asked to stop", arguments: [SIGTERM, SIGINT])
    func orderlyStop(signal: Int32) async throws {
        let program = try Program("Withdrawals", ["worker"], environment: inMemory)
        #expect(await program.prints("after 1000 withdrawals: "))
        program.signal(signal)
        #expect(await program.exitStatus() == 0)
        #expect(program.lines.contains { $0.hasPrefix("id") && $0.hasSuffix("withdrawals") })
        #expect(program.lines.contains { $0.contains("Worker ready") })
        #expect(program.lines.contains { $0.hasPrefix("large: account-") })
    }

    @Test("a quiet worker prints what its agents print") func quiet() async throws {
        let program = try Program("Withdrawals", ["worker", "-q"], environment: inMemory)
        #expect(await program.prints("after 250 withdrawals: "))
        program.signal(SIGTERM)
        #expect(await program.exitStatus() == 0)
        #expect(program.lines.allSatisfy { $0.hasPrefix("large: ") || $0.hasPrefix("after ") })
    }

    @Test("a worker whose agent never comes back ends with 1 when the time is over") func deadline() async throws {
        let program = try Program("StuckWorker", ["worker", "--shutdown-timeout", "0.3"])
        #expect(await program.prints { $0.contains("stuck") })
        program.signal(SIGTERM)
        #expect(await program.exitStatus() == 1)
        #expect(program.lines.contains { $0.contains("the shutdown timeout has passed") })
    }

    @Test("a second signal ends the worker at once") func secondSignal() async throws {
        let program = try Program("StuckWorker", ["worker"])
        #expect(await program.prints { $0.contains("stuck") })
        program.signal(SIGTERM)
        #expect(await program.prints("stopping: "))
        program.signal(SIGINT)
        #expect(await program.exitStatus() == 130)
    }

    @Test("a worker that cannot start says why and ends with 1") func failure() async throws {
        let folder = try TemporaryFolder()
        let log = folder.url.appending(path: "worker.log").path
        let program = try Program(
            "StuckWorker",
            ["worker", "-q", "-f", log],
            environment: ["APP_ENV_PREFIX": "STUCK", "STUCK_TOPIC_ALLOW_DECLARE": "false"]
        )
        #expect(await program.exitStatus() == 1)
        #expect(program.lines.contains { $0.hasPrefix("Error: ") && $0.contains("work") })
    }
}
