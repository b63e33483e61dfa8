// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How headers lie in the storage of a ``MessageBatch``.
///
/// For each header: the length of the name as a little-endian `UInt32`, the name in UTF-8, the length of the value as
/// a little-endian `Int32` (-1 for null), the value. No headers take no bytes.
public enum HeaderLayout {
    /// The number of bytes that the headers take.
    public static func encodedCount(_ headers: Headers) -> Int {
        headers.fields.reduce(0) { $0 + 8 + $1.name.utf8.count + ($1.value?.count ?? 0) }
    }

    /// Appends the headers to a buffer.
    public static func encode(_ headers: Headers, into buffer: inout [UInt8]) {
        for field in headers.fields {
            appendLength(UInt32(field.name.utf8.count), to: &buffer)
            buffer.append(contentsOf: field.name.utf8)
            appendLength(field.value.map { UInt32($0.count) } ?? UInt32(bitPattern: -1), to: &buffer)
            if let value = field.value { buffer.append(contentsOf: value) }
        }
    }

    /// Reads headers that share the storage of `bytes`.
    ///
    /// Stops at the first header that does not fit: the bytes come from a disk or a network and never trap.
    public static func decode(_ bytes: Bytes) -> Headers {
        var headers = Headers()
        var position = 0
        while let nameCount = length(in: bytes, at: position), nameCount >= 0 {
            let nameEnd = position + 4 + Int(nameCount)
            guard nameEnd <= bytes.count, let valueCount = length(in: bytes, at: nameEnd) else { break }
            let valueStart = nameEnd + 4
            let valueEnd = valueStart + Int(max(valueCount, 0))
            guard valueEnd <= bytes.count else { break }
            let name = String(bytes[position + 4..<nameEnd])
            headers.append(name, valueCount < 0 ? nil : bytes[valueStart..<valueEnd])
            position = valueEnd
        }
        return headers
    }

    private static func appendLength(_ length: UInt32, to buffer: inout [UInt8]) {
        withUnsafeBytes(of: length.littleEndian) { buffer.append(contentsOf: $0) }
    }

    private static func length(in bytes: Bytes, at position: Int) -> Int32? {
        guard position + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for index in 0..<4 { value |= UInt32(bytes[position + index]) << (8 * UInt32(index)) }
        return Int32(bitPattern: value)
    }
}
