// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore

#if Compression
import CZstd
#endif

/// Zstandard (RFC 8878), by the system's libzstd: faster than gzip, and smaller.
///
/// What it writes is what the command `zstd` reads, and the other way round, several frames included. Input that is
/// damaged, cut off, or would become larger than allowed is refused.
///
/// Without the package trait `Compression` both directions throw an error that says so.
public struct ZstdCodec: Codec {
    /// `zstd`.
    public let name = "zstd"
    /// From 1, fast, to 19, small.
    public let level: Int
    /// The greatest number of bytes that a message may become when it is decompressed.
    public let maximumDecodedByteCount: Int

    /// Zstandard.
    ///
    /// - Parameters:
    ///   - level: From 1, fast, to 19, small; other numbers count as the nearest of these. 3, the library's own choice,
    ///     by default.
    ///   - maximumDecodedByteCount: The greatest number of bytes that a message may become when it is decompressed; 64 MiB
    ///     by default, many times what brokers accept as a message.
    public init(level: Int = 3, maximumDecodedByteCount: Int = 64 * 1024 * 1024) {
        self.level = min(max(level, 1), 19)
        self.maximumDecodedByteCount = max(maximumDecodedByteCount, 0)
    }

    /// Compresses into one frame with a checksum.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/encode`` when there is not enough memory, or
    ///   ``FaustError/Code/configuration`` without the trait `Compression`.
    public func encode(_ bytes: Bytes) throws -> Bytes {
        #if Compression
        try compressed(bytes)
        #else
        throw unavailable(name)
        #endif
    }

    /// Decompresses.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/decode`` for bytes that are not Zstandard, damaged, cut off or
    ///   too much, or ``FaustError/Code/configuration`` without the trait `Compression`.
    public func decode(_ bytes: Bytes) throws -> Bytes {
        #if Compression
        try decompressed(bytes)
        #else
        throw unavailable(name)
        #endif
    }
}

extension Codec where Self == ZstdCodec {
    /// Zstandard (RFC 8878), as in `.json | .zstd`.
    public static var zstd: ZstdCodec { ZstdCodec() }

    /// Zstandard (RFC 8878) with a level of its own, as in `.json | .zstd(level: 12)`; see
    /// ``ZstdCodec/init(level:maximumDecodedByteCount:)``.
    public static func zstd(level: Int = 3, maximumDecodedByteCount: Int = 64 * 1024 * 1024) -> ZstdCodec {
        ZstdCodec(level: level, maximumDecodedByteCount: maximumDecodedByteCount)
    }
}

#if Compression
extension ZstdCodec {
    private func compressed(_ bytes: Bytes) throws -> Bytes {
        guard let context = ZSTD_createCCtx() else { throw FaustError(.encode, "zstd: not enough memory") }
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        let storage = try ByteStorage(count: ZSTD_compressBound(bytes.count)) { output in
            let written = bytes.withUnsafeBytes { input in
                ZSTD_compress2(context, output.baseAddress, output.count, input.baseAddress, input.count)
            }
            guard ZSTD_isError(written) == 0 else {
                throw FaustError(.encode, "zstd: \(String(cString: ZSTD_getErrorName(written)))")
            }
            return written
        }
        return Bytes(storage)
    }

    private func decompressed(_ bytes: Bytes) throws -> Bytes {
        guard let context = ZSTD_createDCtx() else { throw Self.fault("not enough memory") }
        defer { ZSTD_freeDCtx(context) }
        var output = BoundedOutput(limit: maximumDecodedByteCount, expecting: bytes.count * 4)
        try bytes.withUnsafeBytes { input in
            guard !input.isEmpty else { throw Self.fault("no bytes at all") }
            var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
            while true {
                let (pending, isFull) = try output.append { free in
                    var target = ZSTD_outBuffer(dst: free.baseAddress, size: free.count, pos: 0)
                    let result = ZSTD_decompressStream(context, &target, &source)
                    return (target.pos, (result, target.pos == free.count))
                }
                guard ZSTD_isError(pending) == 0 else { throw Self.fault(String(cString: ZSTD_getErrorName(pending))) }
                guard source.pos == source.size else { continue }
                // Nothing is pending at the end of a frame.
                if pending == 0 { return }
                if !isFull { throw Self.fault("the data is cut off after \(input.count) bytes") }
            }
        }
        return output.bytes()
    }

    private static func fault(_ reason: String) -> FaustError {
        FaustError(.decode, "zstd: \(reason)")
    }
}
#endif
