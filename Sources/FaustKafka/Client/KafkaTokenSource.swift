// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import FaustCore
import Logging
import Synchronization

/// Gives a client the tokens that the user's provider fetches.
///
/// librdkafka asks once for each token. When the provider fails, it is asked again by this object, and librdkafka is told
/// nothing: it would take the failure for a login that was refused, and it keeps the old token anyway.
final class KafkaTokenSource: Sendable {
    private struct State {
        var task: Task<Void, Never>?
        /// librdkafka has asked since the provider was called last.
        var isWanted = false
        var isFailing = false
        var hasEnded = false
        /// The last token, which may turn up in errors.
        var secrets = KafkaSecrets()
    }

    private let provider: BrokerTokenProvider
    private let logger: Logger
    private let failed: @Sendable (FaustError) -> Void
    private let state = Mutex(State())

    /// The pause after the first failure; each further one in a row doubles it.
    private static let firstPause = Duration.milliseconds(100)
    private static let longestPause = Duration.seconds(10)

    /// A source of tokens.
    ///
    /// - Parameters:
    ///   - provider: The user's function.
    ///   - logger: For failures.
    ///   - failed: Is told of failures, too.
    init(
        _ provider: @escaping BrokerTokenProvider,
        logger: Logger,
        failed: @escaping @Sendable (FaustError) -> Void
    ) {
        self.provider = provider
        self.logger = logger
        self.failed = failed
    }

    /// Whether the provider has failed since it gave the last token.
    var isFailing: Bool { state.withLock { $0.isFailing } }

    /// Fetches a token for a client, which has asked for it.
    func refresh(_ client: KafkaClient) {
        state.withLock { state in
            guard !state.hasEnded else { return }
            state.isWanted = true
            // Not a child of any task: it begins on the client's event thread, and ends with the token or by `end()`.
            if state.task == nil { state.task = Task { await self.run(client) } }
        }
    }

    /// Cancels what is under way; later calls of ``refresh(_:)`` do nothing.
    func end() {
        let task = state.withLock { state in
            state.hasEnded = true
            defer { state.task = nil }
            return state.task
        }
        task?.cancel()
    }

    private func run(_ client: KafkaClient) async {
        var pause = Self.firstPause
        while takeRequest() {
            guard let error = await fetch(client) else {
                pause = Self.firstPause
                continue
            }
            guard !Task.isCancelled else { return }
            logger.warning("\(error.message); trying again in \(pause)", metadata: ["client": "\(client.name)"])
            failed(error)
            state.withLock { $0.isWanted = true }
            // A cancellation ends the loop, too.
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    /// Whether a token is wanted; the task is over if not.
    private func takeRequest() -> Bool {
        state.withLock { state in
            guard state.isWanted, !state.hasEnded else {
                state.task = nil
                return false
            }
            state.isWanted = false
            return true
        }
    }

    /// Gives a token to librdkafka; when the client has been closed, nobody needs it any more.
    private static func install(_ token: BrokerToken, in client: KafkaClient) throws(FaustError) {
        do throws(FaustError) {
            try client.setToken(token)
        } catch {
            if error.code != .closed { throw error }
        }
    }

    /// Asks the provider and gives librdkafka what it returns.
    ///
    /// - Returns: What went wrong, without secrets.
    private func fetch(_ client: KafkaClient) async -> FaustError? {
        do {
            let token = try await provider()
            state.withLock { $0.secrets.replace(with: token.value) }
            try Self.install(token, in: client)
            state.withLock { $0.isFailing = false }
            return nil
        } catch {
            let secrets = state.withLock { state in
                state.isFailing = true
                return state.secrets
            }
            let reason = (error as? FaustError)?.message ?? "\(error)"
            return FaustError(
                (error as? FaustError)?.code ?? .transport,
                "there is no new token for the broker: \(client.redact(secrets.redact(reason)))",
                isRetriable: true
            )
        }
    }
}
#endif
