// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore

#if Compression
import CZlib
#endif

/// gzip (RFC 1952), by the system's zlib.
///
/// What it writes is what `gunzip` reads, and the other way round, files of several members included. Input that is
/// damaged, cut off, or would become larger than allowed is refused.
///
/// Without the package trait `Compression` both directions throw an error that says so.
public struct GzipCodec: Codec {
    /// `gzip`.
    public let name = "gzip"
    /// From 0, as it is, over 1, fast, to 9, small.
    public let level: Int
    /// The greatest number of bytes that a message may become when it is decompressed.
    public let maximumDecodedByteCount: Int

    /// gzip.
    ///
    /// - Parameters:
    ///   - level: From 0, as it is, over 1, fast, to 9, small; other numbers count as the nearest of these. 6, zlib's
    ///     own choice, by default.
    ///   - maximumDecodedByteCount: The greatest number of bytes that a message may become when it is decompressed; 64 MiB
    ///     by default, many times what brokers accept as a message.
    public init(level: Int = 6, maximumDecodedByteCount: Int = 64 * 1024 * 1024) {
        self.level = min(max(level, 0), 9)
        self.maximumDecodedByteCount = max(maximumDecodedByteCount, 0)
    }

    /// Compresses.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/encode`` when there is not enough memory, or
    ///   ``FaustError/Code/configuration`` without the trait `Compression`.
    public func encode(_ bytes: Bytes) throws -> Bytes {
        #if Compression
        try deflated(bytes)
        #else
        throw unavailable(name)
        #endif
    }

    /// Decompresses.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/decode`` for bytes that are not gzip, damaged, cut off or too
    ///   much, or ``FaustError/Code/configuration`` without the trait `Compression`.
    public func decode(_ bytes: Bytes) throws -> Bytes {
        #if Compression
        try inflated(bytes)
        #else
        throw unavailable(name)
        #endif
    }
}

extension Codec where Self == GzipCodec {
    /// gzip (RFC 1952), as in `.json | .gzip`.
    public static var gzip: GzipCodec { GzipCodec() }

    /// gzip (RFC 1952) with a level of its own, as in `.json | .gzip(level: 9)`; see
    /// ``GzipCodec/init(level:maximumDecodedByteCount:)``.
    public static func gzip(level: Int = 6, maximumDecodedByteCount: Int = 64 * 1024 * 1024) -> GzipCodec {
        GzipCodec(level: level, maximumDecodedByteCount: maximumDecodedByteCount)
    }
}

#if Compression
/// zlib's largest window, and 16 for a gzip header rather than zlib's own.
private let gzipWindowBits = MAX_WBITS + 16

extension GzipCodec {
    private func deflated(_ bytes: Bytes) throws -> Bytes {
        var stream = z_stream()
        let opened = deflateInit2_(
            &stream,
            Int32(level),
            Z_DEFLATED,
            gzipWindowBits,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard opened == Z_OK else { throw FaustError(.encode, "gzip: zlib can't start (code \(opened))") }
        defer { deflateEnd(&stream) }
        let bound = Int(deflateBound(&stream, UInt(bytes.count)))
        let storage = try ByteStorage(count: bound) { output in
            try bytes.withUnsafeBytes { input in
                try Self.process(&stream, input, into: output, by: deflate)
            }
        }
        return Bytes(storage)
    }

    /// Runs zlib until the output is complete; the output is known to be large enough.
    private static func process(
        _ stream: inout z_stream,
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableBufferPointer<UInt8>,
        by step: (UnsafeMutablePointer<z_stream>, Int32) -> Int32
    ) throws -> Int {
        var (consumed, written) = (0, 0)
        while true {
            // zlib counts in 32 bits, and does not write to its input although C's type says that it may.
            let inputCount = min(input.count - consumed, Int(Int32.max))
            let outputCount = min(output.count - written, Int(Int32.max))
            stream.next_in = pointer(input, at: consumed)
            stream.avail_in = UInt32(inputCount)
            stream.next_out = output.baseAddress?.advanced(by: written)
            stream.avail_out = UInt32(outputCount)
            let result = step(&stream, consumed + inputCount == input.count ? Z_FINISH : Z_NO_FLUSH)
            consumed += inputCount - Int(stream.avail_in)
            written += outputCount - Int(stream.avail_out)
            if result == Z_STREAM_END { return written }
            guard result == Z_OK, outputCount > 0 else {
                throw FaustError(.encode, "gzip: zlib stopped with code \(result)")
            }
        }
    }

    private func inflated(_ bytes: Bytes) throws -> Bytes {
        var stream = z_stream()
        let opened = inflateInit2_(&stream, gzipWindowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard opened == Z_OK else { throw FaustError(.decode, "gzip: zlib can't start (code \(opened))") }
        defer { inflateEnd(&stream) }
        var output = BoundedOutput(limit: maximumDecodedByteCount, expecting: bytes.count * 4)
        try bytes.withUnsafeBytes { input in
            var consumed = 0
            while true {
                let inputCount = min(input.count - consumed, Int(Int32.max))
                stream.next_in = Self.pointer(input, at: consumed)
                stream.avail_in = UInt32(inputCount)
                let result = try output.append { free in
                    let outputCount = min(free.count, Int(Int32.max))
                    stream.next_out = free.baseAddress
                    stream.avail_out = UInt32(outputCount)
                    let result = inflate(&stream, Z_NO_FLUSH)
                    return (outputCount - Int(stream.avail_out), result)
                }
                consumed += inputCount - Int(stream.avail_in)
                if result == Z_STREAM_END {
                    if consumed == input.count { return }
                    // Another member follows: a file made by joining several is one file to gunzip.
                    guard inflateReset(&stream) == Z_OK else { throw Self.fault("zlib can't go on") }
                } else if result == Z_BUF_ERROR || (result == Z_OK && consumed == input.count && stream.avail_out > 0) {
                    throw Self.fault("the data is cut off after \(input.count) bytes")
                } else if result != Z_OK {
                    throw Self.fault(stream.msg.map { String(cString: $0) } ?? "zlib stopped with code \(result)")
                }
            }
        }
        return output.bytes()
    }

    private static func pointer(_ input: UnsafeRawBufferPointer, at position: Int) -> UnsafeMutablePointer<UInt8>? {
        // zlib does not write to its input although C's type says that it may.
        UnsafeMutablePointer(mutating: input.baseAddress?.advanced(by: position).assumingMemoryBound(to: UInt8.self))
    }

    private static func fault(_ reason: String) -> FaustError {
        FaustError(.decode, "gzip: \(reason)")
    }
}
#endif
