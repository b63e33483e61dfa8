// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import Foundation
import Synchronization

/// Passes connections on to another port of this machine, and can be cut like a cable.
///
/// While it is cut, connections are closed and new ones refused, as when the broker is dead.
final class LoopbackProxy: Sendable {
    private struct State {
        var listener: Int32?
        var pairs: [ObjectIdentifier: SocketPair] = [:]
    }

    /// Where it listens.
    let port: UInt16
    private let target: UInt16
    private let hidden: HiddenPartitions?
    private let state = Mutex(State())

    /// Listens on a free port.
    ///
    /// - Parameters:
    ///   - target: The port to pass connections on to, where a broker listens.
    ///   - hidden: What its clients don't see.
    /// - Throws: An error of the system when there is no free port.
    init(to target: UInt16, hiding hidden: HiddenPartitions? = nil) throws {
        self.target = target
        self.hidden = hidden
        let listener = try Loopback.listen(on: 0)
        port = try Loopback.port(of: listener)
        state.withLock { $0.listener = listener }
        accept(listener)
    }

    deinit { cut() }

    /// Closes all connections and takes no more.
    func cut() {
        state.withLock { state in
            // The thread that waits at the socket closes it.
            if let listener = state.listener { shutdown(listener, Int32(SHUT_RDWR)) }
            state.listener = nil
            for pair in state.pairs.values { pair.end() }
            state.pairs = [:]
        }
    }

    /// Takes connections again.
    func mend() throws {
        let listener = try Loopback.listen(on: port)
        state.withLock { $0.listener = listener }
        accept(listener)
    }

    private func accept(_ listener: Int32) {
        Thread.detachNewThread { [weak self] in
            while true {
                let client = Foundation.accept(listener, nil, nil)
                guard client >= 0 else { break }
                guard let self, self.pass(client) else {
                    close(client)
                    continue
                }
            }
            close(listener)
        }
    }

    /// Connects a client; whether that was possible.
    private func pass(_ client: Int32) -> Bool {
        guard let server = try? Loopback.connect(to: target) else { return false }
        let pair = SocketPair(client, server, hidden?.connection())
        let isOpen = state.withLock { state in
            guard state.listener != nil else { return false }
            state.pairs[ObjectIdentifier(pair)] = pair
            return true
        }
        guard isOpen else {
            close(server)
            return false
        }
        pair.start { [weak self] in
            _ = self?.state.withLock { $0.pairs.removeValue(forKey: ObjectIdentifier(pair)) }
        }
        return true
    }
}

/// Two connected sockets, each of which gets what the other one sends; a thread for each direction.
private final class SocketPair: Sendable {
    private let client: Int32
    private let server: Int32
    /// How many threads still use the sockets.
    private let users = Mutex(2)
    private let hidden: HiddenPartitions.Connection?

    init(_ client: Int32, _ server: Int32, _ hidden: HiddenPartitions.Connection?) {
        self.client = client
        self.server = server
        self.hidden = hidden
    }

    func start(ended: @escaping @Sendable () -> Void) {
        for (source, sink) in [(client, server), (server, client)] {
            Thread.detachNewThread { [self] in
                Self.copy(source, sink) { [hidden] bytes in
                    guard let hidden else { return Array(bytes) }
                    return source == client ? hidden.requested(bytes) : hidden.answered(bytes)
                }
                leave(ended)
            }
        }
    }

    /// Ends both directions; the threads then close the sockets.
    func end() {
        users.withLock { users in
            guard users > 0 else { return }
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }
    }

    private func leave(_ ended: () -> Void) {
        end()
        let isLast = users.withLock { users in
            users -= 1
            if users == 0 {
                close(client)
                close(server)
            }
            return users == 0
        }
        if isLast { ended() }
    }

    private static func copy(_ source: Int32, _ sink: Int32, _ change: (ArraySlice<UInt8>) -> [UInt8]) {
        var buffer = [UInt8](repeating: 0, count: 64 * 1_024)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            let bytes = change(buffer[..<count])
            var sent = 0
            while sent < bytes.count {
                let written = bytes.withUnsafeBytes {
                    Foundation.send(sink, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
                }
                guard written > 0 else { return }
                sent += written
            }
        }
    }
}

/// Sockets of 127.0.0.1.
enum Loopback {
    static func listen(on port: UInt16) throws -> Int32 {
        let socket = try make()
        var yes: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = address(port)
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound, Foundation.listen(socket, 64) == 0 else { throw failure(closing: socket) }
        return socket
    }

    static func connect(to port: UInt16) throws -> Int32 {
        let socket = try make()
        var address = address(port)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw failure(closing: socket) }
        return socket
    }

    static func port(of socket: Int32) throws -> UInt16 {
        var address = address(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isKnown = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) == 0 }
        }
        guard isKnown else { throw POSIXError(.EBADF) }
        return UInt16(bigEndian: address.sin_port)
    }

    /// A port that nobody uses at the moment.
    static func freePort() throws -> UInt16 {
        let socket = try listen(on: 0)
        defer { close(socket) }
        return try port(of: socket)
    }

    private static func make() throws -> Int32 {
        #if canImport(Glibc)
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let socket = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard socket >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        return socket
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func failure(closing socket: Int32) -> POSIXError {
        defer { close(socket) }
        return POSIXError(.init(rawValue: errno) ?? .EIO)
    }
}
#endif
