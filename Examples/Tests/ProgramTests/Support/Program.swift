// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Synchronization

/// A program of the examples that runs as a process of its own.
final class Program: Sendable {
    private struct State {
        var unfinished = ""
        var lines: [String] = []
        var isAtEnd = false
        var waiters: [(isMet: @Sendable ([String]) -> Bool, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    /// The folder of the products, where the test runner itself lies.
    static let products = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()

    private let process = Process()
    private let input = Pipe()
    private let state = Mutex(State())
    private let exits: AsyncStream<Int32>

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - name: The name of the executable.
    ///   - arguments: Its arguments.
    ///   - environment: What its environment holds besides the tests' own.
    /// - Throws: An error of Foundation when there is no such program.
    init(_ name: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
        let (exits, exit) = AsyncStream.makeStream(of: Int32.self)
        self.exits = exits
        process.executableURL = Self.products.appending(path: name)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = input
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.terminationHandler = { process in
            let status = process.terminationStatus
            exit.yield(process.terminationReason == .uncaughtSignal ? 128 + status : status)
            exit.finish()
        }
        try process.run()
        // A thread of its own reads until the program has closed its outputs; handlers of Foundation for readable files
        // crash now and then when a file is closed (Swift 6.3 on Linux).
        let file = output.fileHandleForReading
        Thread.detachNewThread { [weak self] in
            var data: Data
            repeat {
                data = file.availableData
                self?.receive(data)
            } while !data.isEmpty
        }
    }

    deinit {
        // A test that has failed must not leave its program behind.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// Everything that the program has printed so far, on both outputs.
    var lines: [String] { state.withLock { $0.lines } }

    /// Waits for a line.
    ///
    /// - Parameter text: What the line contains.
    /// - Returns: Whether it has come; the program may also end without it.
    @discardableResult
    func prints(_ text: String) async -> Bool {
        await prints { $0.contains { $0.contains(text) } }
    }

    /// Waits until what was printed meets a condition.
    func prints(_ isMet: @escaping @Sendable ([String]) -> Bool) async -> Bool {
        await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                if isMet(state.lines) { return true }
                if state.isAtEnd { return false }
                state.waiters.append((isMet, continuation))
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Waits until what a program leaves behind, such as a file, meets a condition.
    static func wait(until isMet: () throws -> Bool) async throws {
        // What another process writes can only be looked at again.
        while try !isMet() { try await Task.sleep(for: .milliseconds(50)) }
    }

    /// Sends a signal.
    func signal(_ number: Int32) {
        kill(process.processIdentifier, number)
    }

    /// Writes to the standard input and closes it.
    func feed(_ text: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
    }

    /// Waits for the end.
    ///
    /// - Returns: The status, 128 + n after a signal, as in a shell.
    func exitStatus() async -> Int32 {
        for await status in exits {
            _ = await prints { _ in false }
            return status
        }
        return -1
    }

    private func receive(_ data: Data) {
        let ready = state.withLock { state in
            state.unfinished += String(decoding: data, as: UTF8.self)
            while let end = state.unfinished.firstIndex(of: "\n") {
                state.lines.append(String(state.unfinished[..<end]))
                state.unfinished = String(state.unfinished[state.unfinished.index(after: end)...])
            }
            if data.isEmpty { state.isAtEnd = true }
            let (lines, isAtEnd) = (state.lines, state.isAtEnd)
            let ready = state.waiters.filter { isAtEnd || $0.isMet(lines) }.map { ($0.continuation, $0.isMet(lines)) }
            state.waiters.removeAll { isAtEnd || $0.isMet(lines) }
            return ready
        }
        for (continuation, answer) in ready { continuation.resume(returning: answer) }
    }
}

/// A folder for a test, removed with it.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "faust-\(UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }
}
