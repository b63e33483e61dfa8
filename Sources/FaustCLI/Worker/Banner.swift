// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What a worker prints when it starts: who it is, where it works and where its log goes.
package struct Banner: Sendable {
    /// The version of the library.
    package var version: String
    /// The id of the app.
    package var id: String
    /// The URL of the broker; a password in it is not shown.
    package var transport: String
    /// The URL of the store; a password in it is not shown.
    package var store: String?
    /// Where the log goes, and its level.
    package var log: String
    /// The folder of the data; `nil` when nothing is kept.
    package var datadir: String?
    /// The id of the process.
    package var pid: Int32
    /// The name of the machine.
    package var hostname: String
    /// The operating system and the processor.
    package var platform: String

    /// A banner of this process on this machine.
    package init(
        version: String,
        id: String,
        transport: String,
        store: String? = nil,
        log: String,
        datadir: String?,
        pid: Int32 = getpid(),
        hostname: String = Machine.hostname,
        platform: String = Machine.platform
    ) {
        self.version = version
        self.id = id
        self.transport = transport
        self.store = store
        self.log = log
        self.datadir = datadir
        self.pid = pid
        self.hostname = hostname
        self.platform = platform
    }

    /// The banner as a table.
    package var table: TextTable {
        let rows: [(String, String?)] = [
            ("id", id),
            ("transport", Self.withoutPassword(transport)),
            ("store", store.map(Self.withoutPassword)),
            ("log", log),
            ("pid", "\(pid)"),
            ("hostname", hostname),
            ("platform", platform),
            ("datadir", datadir),
        ]
        return TextTable(
            title: "swift-faust \(version)",
            rows: rows.compactMap { name, value in value.map { [name, $0] } }
        )
    }

    /// A URL, or a list of them, with stars in place of the password.
    ///
    /// Passwords may hold any character, so all from the first colon to the last @ is hidden: of a list in which several
    /// URLs carry passwords only the last host is shown.
    package static func withoutPassword(_ url: String) -> String {
        let start = url.firstRange(of: "://")?.upperBound ?? url.startIndex
        guard let at = url.lastIndex(of: "@"), at > start, let colon = url[start..<at].firstIndex(of: ":") else {
            return url
        }
        return url[..<colon] + ":***" + url[at...]
    }
}

/// The machine that the process runs on.
package enum Machine {
    /// The name of the machine, or `localhost` if it has none.
    package static var hostname: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0, buffer[0] != 0 else { return "localhost" }
        return text(of: buffer)
    }

    /// The operating system, its version and the processor, such as `Linux 6.1.0 x86_64`.
    package static var platform: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "unknown" }
        let parts = [
            withUnsafeBytes(of: name.sysname) { text(of: $0.bindMemory(to: CChar.self)) },
            withUnsafeBytes(of: name.release) { text(of: $0.bindMemory(to: CChar.self)) },
            withUnsafeBytes(of: name.machine) { text(of: $0.bindMemory(to: CChar.self)) },
        ]
        return parts.joined(separator: " ")
    }

    /// The text before the first zero.
    private static func text(of characters: some Sequence<CChar>) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
