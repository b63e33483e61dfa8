// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Logging
import NIOCore
import Synchronization

/// What a server does for one client.
final class ServerSession: Sendable {
    /// A client that sends more requests than this without waiting for answers is refused further ones.
    private static let maximumRequestCount = 1_024

    /// A call of the client's listener that has not returned yet.
    struct Call {
        let continuation: CheckedContinuation<Void, Never>
        let timeout: Scheduled<Void>

        func end() {
            timeout.cancel()
            continuation.resume()
        }
    }

    struct State {
        var hasHello = false
        var isClosed = false
        var requestCount = 0
        var nextCall: UInt64 = 0
        var calls: [UInt64: Call] = [:]
        var consumers: [UInt32: Result<ServerConsumer, FaustError>] = [:]
        var producers: [UInt32: Result<any TransportProducer, FaustError>] = [:]
        var queues: [UInt32: QueuePump] = [:]
    }

    let transport: any Transport
    let channel: any Channel
    let configuration: LogServer.Configuration
    let logger: Logger
    let state = Mutex(State())
    private let writability: WritabilityHandler

    init(
        transport: any Transport,
        channel: any Channel,
        writability: WritabilityHandler,
        configuration: LogServer.Configuration,
        logger: Logger
    ) {
        self.transport = transport
        self.channel = channel
        self.writability = writability
        self.configuration = configuration
        self.logger = logger
    }

    /// Serves the client until it goes, is dismissed, or sends what the protocol does not know.
    func run(_ frames: NIOAsyncChannelInboundStream<Bytes>) async throws {
        let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(configuration.helloTimeout)) {
            if !self.state.withLock({ $0.hasHello }) { self.channel.close(promise: nil) }
        }
        defer { deadline.cancel() }
        await withDiscardingTaskGroup { requests in
            do {
                for try await bytes in frames {
                    await writability.wait()
                    try handle(ClientFrame(decoding: bytes), in: &requests)
                }
            } catch {
                // A client that breaks the protocol, or a connection that broke: the client is told, if it is there.
                dismiss(FaustError(.transport, "the connection was given up", cause: error))
            }
            // Ends the requests that are under way, too: what they wait for is closed.
            await close()
        }
    }

    /// Tells the client why, and closes the connection; ``run(_:)`` returns then.
    func dismiss(_ error: FaustError) {
        channel.writeAndFlush(ServerFrame.goodbye(error).encoded())
            .whenComplete { _ in
                self.channel.close(promise: nil)
            }
        // A client that does not read does not hold up the end either.
        channel.eventLoop.scheduleTask(in: .seconds(1)) { self.channel.close(promise: nil) }
    }

    /// Sends a frame, at some later time when the client is slow.
    func send(_ frame: ServerFrame) {
        channel.writeAndFlush(frame.encoded(), promise: nil)
    }

    private func handle(_ frame: ClientFrame, in requests: inout DiscardingTaskGroup) throws {
        guard state.withLock({ $0.hasHello }) else { return try greet(frame) }
        switch frame {
        case .hello: throw WireFault("a second hello")
        case .command(let command): try perform(command)
        case .produce(let producer, let id, let messages): try produce(messages, with: producer, id: id)
        case .listenerReturned(let call): state.withLock { $0.calls.removeValue(forKey: call) }?.end()
        case .request(let id, let request):
            let isAllowed = state.withLock { state in
                state.requestCount += 1
                return state.requestCount <= Self.maximumRequestCount
            }
            guard isAllowed else { throw WireFault("more than \(Self.maximumRequestCount) requests at once") }
            requests.addTask {
                let reply = await self.reply(to: request)
                self.state.withLock { $0.requestCount -= 1 }
                self.send(.reply(id: id, reply))
            }
        }
    }

    private func greet(_ frame: ClientFrame) throws {
        guard case .hello(let version) = frame else { throw WireFault("a client that does not say hello") }
        state.withLock { $0.hasHello = true }
        send(.hello(version: WireProtocol.version, description: transport.description))
        guard version == WireProtocol.version else {
            throw WireFault("version \(version) of the protocol is not spoken here, but \(WireProtocol.version)")
        }
    }

    /// Waits until the client's listener has returned, or the client is gone.
    func call(_ consumer: UInt32, _ call: ServerFrame.ListenerCall) async {
        let timeout = channel.eventLoop.scheduleTask(in: TimeAmount(configuration.rebalanceTimeout)) {
            self.logger.warning("a client takes too long over a rebalance and is cut off")
            self.channel.close(promise: nil)
        }
        await withCheckedContinuation { continuation in
            let pending = Call(continuation: continuation, timeout: timeout)
            let number = state.withLock { state -> UInt64? in
                guard !state.isClosed else { return nil }
                state.nextCall += 1
                state.calls[state.nextCall] = pending
                return state.nextCall
            }
            guard let number else { return pending.end() }
            send(.listenerCall(call: number, consumer: consumer, call))
        }
    }

    private func close() async {
        let (calls, consumers, producers, queues) = state.withLock { state in
            state.isClosed = true
            let content = (state.calls, state.consumers, state.producers, state.queues)
            (state.calls, state.consumers, state.producers, state.queues) = ([:], [:], [:], [:])
            return content
        }
        for call in calls.values { call.end() }
        for queue in queues.values { queue.close() }
        for case .success(let consumer) in consumers.values { await consumer.raw.close() }
        for case .success(let producer) in producers.values { await producer.close() }
    }
}
