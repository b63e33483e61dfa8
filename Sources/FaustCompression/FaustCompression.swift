// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore

extension CodecRegistry {
    /// Adds `gzip` and `zstd`, so that settings and the command line can name them.
    ///
    /// - Parameter maximumDecodedByteCount: The greatest number of bytes that a message may become when it is
    ///   decompressed.
    public mutating func registerCompression(maximumDecodedByteCount: Int = 64 * 1024 * 1024) {
        register(.gzip(maximumDecodedByteCount: maximumDecodedByteCount))
        register(.zstd(maximumDecodedByteCount: maximumDecodedByteCount))
    }
}

#if !Compression
/// The error of a codec whose library was left out of the build.
func unavailable(_ name: String) -> FaustError {
    FaustError(
        .configuration,
        "\(name) was left out of this build: enable the package trait Compression of swift-faust"
    )
}
#endif
