// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import FaustCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Where the owner of a log listens for other processes.
///
/// The socket lies in a directory of its own, `remote`, inside the log's directory. Only its owner may enter that
/// (mode 0700), so that no other user gets to the socket, not even between its creation and the setting of its mode.
/// A path that is too long for a socket address is replaced by a directory with a random name under `/tmp`, with the
/// same mode; the file `address` in `remote` says which path is in use.
package struct LogAddress {
    /// The greatest length of a path that a socket address holds everywhere, with a reserve.
    private static let maximumPathByteCount = 100

    /// `remote` inside the log's directory.
    private let directory: String

    private var addressFile: String { directory + "/address" }

    /// The address for a log.
    ///
    /// - Parameter logDirectory: The directory of the log.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/storage`` when there is no such directory.
    package init(logDirectory: String) throws(FaustError) {
        guard let resolved = realpath(logDirectory, nil) else {
            throw FaustError(.storage, "there is no log at '\(logDirectory)': \(Self.systemError())")
        }
        defer { free(resolved) }
        directory = String(cString: resolved) + "/remote"
    }

    /// Makes the directories, removes the socket that a killed owner has left there, and says where to listen.
    ///
    /// Called by the owner of the log only, which holds the lock on the log's directory: whatever is there is stale.
    package func prepare() throws(FaustError) -> String {
        try Self.makePrivateDirectory(directory)
        if let stale = try? socketPath() { Self.remove(stale, directory: directory) }
        var path = directory + "/log.sock"
        if path.utf8.count > Self.maximumPathByteCount {
            let name = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
            try Self.makePrivateDirectory("/tmp/faust-\(name)")
            path = "/tmp/faust-\(name)/log.sock"
        }
        return path
    }

    /// Tells other processes where the owner listens; called when it does.
    package func publish(_ path: String) throws(FaustError) {
        // Written beside and renamed, so that nobody reads half an address.
        let draft = addressFile + ".new"
        _ = unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw FaustError(.storage, "'\(draft)' can't be written: \(Self.systemError())")
        }
        let bytes = Array(path.utf8)
        let written = write(descriptor, bytes, bytes.count)
        close(descriptor)
        guard written == bytes.count, rename(draft, addressFile) == 0 else {
            throw FaustError(.storage, "'\(addressFile)' can't be written: \(Self.systemError())")
        }
    }

    /// Removes what ``prepare()`` and ``publish(_:)`` have made.
    package func withdraw(_ path: String) {
        _ = unlink(addressFile)
        Self.remove(path, directory: directory)
    }

    /// Where the owner of the log listens, or has listened.
    package func socketPath() throws(FaustError) -> String {
        let descriptor = open(addressFile, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw FaustError(
                .transport,
                "no process serves the log at '\(directory.dropLast("/remote".utf8.count))' to others; start the worker",
                isRetriable: true
            )
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.maximumPathByteCount + 1)
        let count = read(descriptor, &bytes, bytes.count)
        let path = count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
        guard count > 0, count <= Self.maximumPathByteCount, path.hasPrefix("/"), path.hasSuffix("/log.sock") else {
            throw FaustError(.corruption, "'\(addressFile)' does not hold an address; start the worker again")
        }
        try Self.checkOwner(of: String(path.dropLast("/log.sock".utf8.count)))
        return path
    }

    /// Sets the mode of the socket so that only its owner can connect.
    package static func restrict(_ path: String) throws(FaustError) {
        guard chmod(path, 0o600) == 0 else {
            throw FaustError(.storage, "the mode of '\(path)' can't be set: \(systemError())")
        }
    }

    private static func makePrivateDirectory(_ path: String) throws(FaustError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw FaustError(.storage, "the directory '\(path)' can't be made: \(systemError())")
        }
        try checkOwner(of: path)
        guard chmod(path, 0o700) == 0 else {
            throw FaustError(.storage, "the mode of '\(path)' can't be set: \(systemError())")
        }
    }

    /// Throws unless a path is a directory, not a link to one, that belongs to this user.
    private static func checkOwner(of path: String) throws(FaustError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw FaustError(.transport, "'\(path)' is not there: \(systemError())", isRetriable: true)
        }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
            throw FaustError(.storage, "'\(path)' is not a directory of this user; remove it")
        }
    }

    private static func remove(_ path: String, directory: String) {
        _ = unlink(path)
        // Only a directory that was made for the socket; one with anything else in it stays.
        if !path.hasPrefix(directory) { _ = rmdir(String(path.dropLast("/log.sock".utf8.count))) }
    }

    private static func systemError() -> String {
        String(cString: strerror(errno))
    }
}
