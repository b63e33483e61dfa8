// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import FaustCore
package import NIOCore

/// Cuts the bytes of a connection into frames, and copies each into a storage of its own.
package struct FrameDecoder: ByteToMessageDecoder {
    package typealias InboundOut = Bytes

    private let maximumByteCount: Int

    /// - Parameter maximumByteCount: The greatest length of a frame; a greater one is refused when it is announced.
    package init(maximumByteCount: Int = WireProtocol.maximumFrameByteCount) {
        self.maximumByteCount = maximumByteCount
    }

    package mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let frame = try Self.nextFrame(in: &buffer, maximumByteCount: maximumByteCount) else {
            return .needMoreData
        }
        context.fireChannelRead(wrapInboundOut(frame))
        return .continue
    }

    package mutating func decodeLast(
        context: ChannelHandlerContext,
        buffer: inout ByteBuffer,
        seenEOF: Bool
    ) throws -> DecodingState {
        // What is left of a frame when the connection ends is of no use.
        try decode(context: context, buffer: &buffer)
    }

    /// Takes a frame, without its length, out of the buffer; `nil` when it is not complete yet.
    package static func nextFrame(in buffer: inout ByteBuffer, maximumByteCount: Int) throws(WireFault) -> Bytes? {
        guard let announced = buffer.getInteger(at: buffer.readerIndex, endianness: .little, as: UInt32.self) else {
            return nil
        }
        let count = Int(announced)
        guard count > 0, count <= maximumByteCount else {
            throw WireFault("a frame of \(count) bytes; at most \(maximumByteCount) are allowed")
        }
        guard buffer.readableBytes >= 4 + count else { return nil }
        buffer.moveReaderIndex(forwardBy: 4)
        return buffer.readWithUnsafeReadableBytes { memory in
            let storage = ByteStorage(count: count) { copy in
                UnsafeMutableRawBufferPointer(copy).copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
                return count
            }
            return (count, Bytes(storage))
        }
    }
}
