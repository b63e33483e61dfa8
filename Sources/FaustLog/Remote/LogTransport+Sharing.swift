// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore
public import Logging

extension LogTransport {
    /// Opens the log in a directory, or reaches it through the process that has it open.
    ///
    /// This is what a second process wants, such as one that sends a few messages: it works whether a worker runs or
    /// not. It tries again for a while when a worker has the log open but does not serve it yet, or no longer. A
    /// process that goes on for long should not use it but own the log and start a ``LogServer``: while this one has
    /// the log open, nobody else reaches it.
    ///
    /// - Parameters:
    ///   - directory: The directory of the log.
    ///   - configuration: How the log behaves when this process opens it.
    ///   - patience: How long to go on trying; 5 seconds by default.
    ///   - clock: The clock that `patience` is measured with.
    ///   - logger: For lines about what the log does.
    /// - Returns: A ``LogTransport`` or ``RemoteLogTransport`` that has been started already.
    /// - Throws: ``FaustError`` as ``start()`` does, or as ``RemoteLogTransport/start()`` does after the last try.
    public static func openOrConnect(
        directory: String,
        configuration: LogConfiguration = LogConfiguration(),
        patience: Duration = .seconds(5),
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger = Logger(label: "faust.log")
    ) async throws -> any Transport {
        let pause = Duration.milliseconds(50)
        var waited = Duration.zero
        while true {
            do {
                return try await tryToOpenOrConnect(directory, configuration, logger)
            } catch let error as FaustError where error.isRetriable && error.code == .transport && waited < patience {
                try await clock.sleep(for: pause)
                waited += pause
            }
        }
    }

    private static func tryToOpenOrConnect(
        _ directory: String,
        _ configuration: LogConfiguration,
        _ logger: Logger
    ) async throws -> any Transport {
        let log = LogTransport(directory: directory, configuration: configuration, logger: logger)
        do {
            try await log.start()
            return log
        } catch let error as FaustError where error.cause is LogDirectoryInUse {
            let remote = RemoteLogTransport(directory: directory, logger: logger)
            try await remote.start()
            return remote
        }
    }
}
