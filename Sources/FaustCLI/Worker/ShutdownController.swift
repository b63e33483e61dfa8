// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Dispatch
package import Logging
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Stops a worker when SIGINT or SIGTERM comes: in order at first, at once when a second signal comes or when the
/// deadline has passed.
///
/// Signals and the deadline are served on a thread of their own and not by Swift's thread pool, so that the process can be
/// ended even while code of the user blocks every thread of the pool.
package final class ShutdownController: Sendable {
    private let sequence = Mutex(ShutdownSequence())
    private let sources = Mutex<SignalSources?>(nil)
    private let queue = DispatchQueue(label: "faust.signals")
    private let timeout: Duration
    private let logger: Logger
    private let drain: @Sendable () -> Void
    private let exit: @Sendable (Int32) -> Void

    /// A controller that does not listen yet; see ``listen(to:)``.
    ///
    /// - Parameters:
    ///   - timeout: The time that an orderly stop may take.
    ///   - logger: Told about signals and about the deadline.
    ///   - exit: Ends the process with a status; by default without running exit handlers, since other threads still work.
    ///   - drain: Begins the orderly stop; must return soon.
    package init(
        timeout: Duration,
        logger: Logger,
        exit: @escaping @Sendable (Int32) -> Void = { _exit($0) },
        drain: @escaping @Sendable () -> Void
    ) {
        self.timeout = timeout
        self.logger = logger
        self.exit = exit
        self.drain = drain
    }

    /// Takes over the signals of the process, until ``finished()``.
    ///
    /// When it returns, the signals no longer end the process by themselves.
    ///
    /// - Parameter signals: The numbers of the signals.
    package func listen(to signals: [Int32] = [SIGINT, SIGTERM]) {
        // The sources keep the controller: it lives until it has finished.
        sources.withLock { $0 = SignalSources(signals, queue: queue) { self.received(signal: $0) } }
    }

    /// A signal has come; called for the signals that ``listen(to:)`` has taken over.
    package func received(signal number: Int32) {
        perform(sequence.withLock { $0.received(signal: number) }, signal: number)
    }

    /// The time that an orderly stop may take is over; called by the controller's own timer.
    package func deadlinePassed() {
        perform(sequence.withLock { $0.deadlinePassed() }, signal: nil)
    }

    /// The worker has ended by itself: signals have their usual effect again.
    package func finished() {
        sequence.withLock { $0.finished() }
        sources.withLock {
            $0?.cancel()
            $0 = nil
        }
    }

    private func perform(_ action: ShutdownSequence.Action, signal number: Int32?) {
        switch action {
        case .none:
            break
        case .drain:
            logger.info(
                "stopping: finishing what is held and committing; a second signal stops at once",
                metadata: ["signal": "\(number.map(Self.name) ?? "none")", "timeout": "\(timeout)"]
            )
            startTimer()
            drain()
        case .exit(let status):
            if let number {
                logger.warning("stopped at once", metadata: ["signal": "\(Self.name(of: number))"])
            } else {
                logger.error(
                    "stopped: the shutdown timeout has passed; what was not committed will be delivered again",
                    metadata: ["timeout": "\(timeout)"]
                )
            }
            exit(status)
        }
    }

    private func startTimer() {
        let (seconds, attoseconds) = timeout.components
        let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        queue.asyncAfter(deadline: .now() + .nanoseconds(Int(nanoseconds))) { self.deadlinePassed() }
    }

    /// The name of a signal, as logs show it.
    static func name(of signal: Int32) -> String {
        switch signal {
        case SIGINT: "SIGINT"
        case SIGTERM: "SIGTERM"
        case SIGHUP: "SIGHUP"
        case SIGQUIT: "SIGQUIT"
        default: "signal \(signal)"
        }
    }
}

/// Dispatch's sources for some signals.
private struct SignalSources {
    private let sources: [(signal: Int32, source: any DispatchSourceSignal)]

    init(_ signals: [Int32], queue: DispatchQueue, handler: @escaping @Sendable (Int32) -> Void) {
        // Dispatch takes a signal over on its own thread, some time after the source was made.
        let registered = DispatchGroup()
        sources = signals.map { number in
            #if canImport(Darwin)
            // kqueue sees a signal even when it is ignored, and ignoring it keeps it from ending the process.
            signal(number, SIG_IGN)
            #endif
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { handler(number) }
            registered.enter()
            source.setRegistrationHandler { registered.leave() }
            source.resume()
            return (number, source)
        }
        registered.wait()
    }

    func cancel() {
        for (number, source) in sources {
            source.cancel()
            signal(number, SIG_DFL)
        }
    }
}
