// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Compression
import FaustCore

/// A buffer that grows while something is decompressed into it, up to a limit.
struct BoundedOutput: ~Copyable {
    private var memory: UnsafeMutableBufferPointer<UInt8>
    private var count = 0
    private let limit: Int

    /// An empty buffer.
    ///
    /// - Parameters:
    ///   - limit: The greatest number of bytes.
    ///   - expected: How many bytes it will probably be; no more than 1 MiB is reserved on the word of the input.
    init(limit: Int, expecting expected: Int) {
        self.limit = limit
        // One byte beyond the limit tells output that is just as long as allowed from output that is too long.
        memory = .allocate(capacity: min(max(expected, 256), 1 << 20, limit + 1))
    }

    deinit {
        memory.deallocate()
    }

    /// Lets `write` fill free space, at least one byte.
    ///
    /// - Parameter write: Writes from the start of the space on and returns how many bytes, and a result.
    /// - Returns: The result of `write`.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/decode`` when there are more bytes than the limit.
    mutating func append<Result>(
        _ write: (UnsafeMutableBufferPointer<UInt8>) -> (Int, Result)
    ) throws -> Result {
        if count == memory.count { grow() }
        let (written, result) = write(UnsafeMutableBufferPointer(rebasing: memory[count...]))
        count += written
        guard count <= limit else {
            throw FaustError(
                .decode,
                "more than \(limit) bytes after decompression: raise maximumDecodedByteCount of the codec if the sender is"
                    + " trusted"
            )
        }
        return result
    }

    private mutating func grow() {
        let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: min(memory.count * 2, limit + 1))
        _ = larger.update(fromContentsOf: memory)
        memory.deallocate()
        memory = larger
    }

    /// The bytes so far, in a buffer of exactly their size.
    func bytes() -> Bytes {
        Bytes(memory.prefix(count))
    }
}
#endif
