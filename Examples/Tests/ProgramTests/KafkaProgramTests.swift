// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import BookSupport
import Foundation
import Testing

/// What `scripts/test-broker run` has started.
private let testBroker = ProcessInfo.processInfo.environment["FAUST_TEST_KAFKA"]

/// The same programs on a Kafka-compatible broker: only the URL is another one.
@Suite(
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(if: testBroker != nil, "there is no broker; run scripts/test")
)
struct KafkaProgramTests {
    /// A short session, since the broker of the tests lets the first member of a group wait for half of it.
    private var environment: [String: String] {
        [
            "BROKER_URL": testBroker ?? "",
            "BROKER_SESSION_TIMEOUT": "6s",
            "BROKER_HEARTBEAT_INTERVAL": "0.5s",
        ]
    }

    @Test("the word count counts the words of the book") func wordCount() async throws {
        let folder = try TemporaryFolder()
        let result = folder.url.appending(path: "counts.txt")
        let program = try Program("WordCount", [Book.url.path, result.path], environment: environment)
        #expect(await program.exitStatus() == 0, "\(program.lines.suffix(20))")
        let listing = try String(contentsOf: result, encoding: .utf8)
        #expect(try listing == Book.shellListing())
    }

    @Test("the withdrawals are summed up, and sent from another process as well") func withdrawals() async throws {
        let program = try Program("Withdrawals", ["worker"], environment: environment)
        #expect(await program.prints("large: account-"), "\(program.lines.suffix(20))")
        let order = #"{"account": "bob", "amount": 9999, "country": "SE", "date": "2026-11-21T08:00:00Z"}"#
        let send = try Program("Withdrawals", ["send", "withdrawals", "-k", "bob", order], environment: environment)
        #expect(await send.exitStatus() == 0, "\(send.lines)")
        #expect(await program.prints("large: bob took 9999"))
        program.signal(SIGTERM)
        #expect(await program.exitStatus() == 0, "\(program.lines.suffix(20))")
    }
}
