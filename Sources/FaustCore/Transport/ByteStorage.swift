// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A buffer of bytes that never changes once it is made, shared by the ``Bytes`` that are slices of it.
///
/// It is `@unchecked Sendable` because it holds a raw pointer. It is safe to share: the memory is written only inside
/// the initialisers, before any other thread can hold a reference, is read-only from then on, and is released once,
/// in `deinit`, when nobody refers to it any more.
public final class ByteStorage: @unchecked Sendable {
    /// The first byte; readable for `count` bytes as long as the storage is alive.
    public let baseAddress: UnsafeRawPointer
    /// The number of bytes.
    public let count: Int
    @usableFromInline let release: (@Sendable (UnsafeRawPointer) -> Void)?

    /// Makes a buffer and fills it.
    ///
    /// - Parameters:
    ///   - capacity: The greatest number of bytes that `initialize` may write.
    ///   - initialize: Writes the bytes from the start of the buffer on and returns how many it has written.
    @inlinable
    public init(count capacity: Int, initialize: (UnsafeMutableBufferPointer<UInt8>) throws -> Int) rethrows {
        let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(capacity, 1))
        let count: Int
        do {
            count = try initialize(UnsafeMutableBufferPointer(start: memory.baseAddress, count: capacity))
        } catch {
            memory.deallocate()
            throw error
        }
        precondition(count >= 0 && count <= capacity, "more bytes written than the buffer holds")
        self.baseAddress = UnsafeRawPointer(memory.baseAddress.unsafelyUnwrapped)
        self.count = count
        self.release = nil
    }

    /// Takes over memory that was made elsewhere, such as by a C library.
    ///
    /// - Parameters:
    ///   - pointer: The first byte. Nobody may write to the memory any more.
    ///   - count: The number of bytes.
    ///   - release: Gives the memory back; called once, on any thread, when nobody refers to the storage any more.
    @inlinable
    public init(adopting pointer: UnsafeRawPointer, count: Int, release: @escaping @Sendable (UnsafeRawPointer) -> Void)
    {
        self.baseAddress = pointer
        self.count = count
        self.release = release
    }

    deinit {
        if let release {
            release(baseAddress)
        } else {
            baseAddress.deallocate()
        }
    }
}
