// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Transforms bytes into other bytes and back: compression, Base64, encryption.
///
/// A codec stands behind a ``Serde`` in a chain: `.json | .gzip` writes JSON and compresses it; reading goes the other
/// way. What ``encode(_:)`` gives must decode to the bytes it was given.
///
/// ```swift
/// struct Reversed: Codec {
///     let name = "reversed"
///     func encode(_ bytes: Bytes) throws -> Bytes { Bytes(bytes.reversed()) }
///     func decode(_ bytes: Bytes) throws -> Bytes { Bytes(bytes.reversed()) }
/// }
/// ```
///
/// Both methods may be called from any thread, several at a time.
public protocol Codec: Sendable {
    /// The name under which a ``CodecRegistry`` finds the codec and errors mention it, such as `gzip`.
    var name: String { get }

    /// Transforms bytes that are about to be sent.
    ///
    /// - Throws: Any error; the message is not sent then.
    func encode(_ bytes: Bytes) throws -> Bytes

    /// Transforms bytes that were received. They may be anything: it must neither trap nor grow without bound.
    ///
    /// - Throws: Any error, best a ``FaustError`` with code ``FaustError/Code/decode`` that says what is wrong.
    func decode(_ bytes: Bytes) throws -> Bytes
}
