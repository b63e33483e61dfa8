// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import NIOCore

/// Writes the fields of a frame behind the frame's length.
struct WireWriter {
    private var buffer: ByteBuffer

    init(capacity: Int = 256) {
        buffer = ByteBufferAllocator().buffer(capacity: capacity)
        // Filled in by `frame()`.
        buffer.writeInteger(UInt32(0))
    }

    mutating func integer(_ value: some FixedWidthInteger) {
        buffer.writeInteger(value, endianness: .little)
    }

    mutating func boolean(_ value: Bool) {
        integer(UInt8(value ? 1 : 0))
    }

    mutating func bytes(_ bytes: Bytes) {
        _ = bytes.withUnsafeBytes { buffer.writeBytes($0) }
    }

    mutating func bytes(_ bytes: [UInt8]) {
        buffer.writeBytes(bytes)
    }

    mutating func string(_ string: String) {
        integer(UInt32(string.utf8.count))
        buffer.writeString(string)
    }

    mutating func optionalBytes(_ value: Bytes?) {
        integer(value.map { Int32($0.count) } ?? -1)
        if let value { bytes(value) }
    }

    mutating func optional<Value>(_ value: Value?, _ write: (inout WireWriter, Value) -> Void) {
        boolean(value != nil)
        if let value { write(&self, value) }
    }

    mutating func list<Elements: Collection>(
        _ elements: Elements,
        _ write: (inout WireWriter, Elements.Element) -> Void
    ) {
        integer(UInt32(elements.count))
        for element in elements { write(&self, element) }
    }

    /// The frame, ready to be sent.
    consuming func frame() -> ByteBuffer {
        buffer.setInteger(UInt32(buffer.readableBytes - 4), at: buffer.readerIndex, endianness: .little)
        return buffer
    }
}
