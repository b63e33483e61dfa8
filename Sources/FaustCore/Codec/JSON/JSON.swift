// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Reads and writes JSON (RFC 8259), strictly and straight from and to bytes.
///
/// The input must be one JSON value in UTF-8 without a byte order mark, with nothing but white space around it. Of fields
/// that appear twice in an object the last one counts. Input never traps: everything that is wrong with it is a
/// ``JSONError`` with the path and the byte offset.
public enum JSON {
    /// How many arrays and objects may lie inside one another, so that no input can exhaust the stack.
    public static let maximumDepth = 512

    /// Reads a value.
    ///
    /// - Parameters:
    ///   - type: The type of the value.
    ///   - bytes: The JSON text.
    /// - Returns: The value.
    /// - Throws: ``JSONError`` when the text is not well-formed or not what the type asks for.
    @inlinable
    public static func decode<Value: JSONDecodable>(
        _ type: Value.Type = Value.self,
        from bytes: Bytes
    ) throws(JSONError) -> Value {
        try bytes.withUnsafeBytes { (buffer) throws(JSONError) -> Value in
            try decode(type, from: buffer)
        }
    }

    /// Reads a value from memory.
    ///
    /// - Parameters:
    ///   - type: The type of the value.
    ///   - bytes: The JSON text. It must stay as it is until the call returns; nothing of it is kept.
    /// - Returns: The value.
    /// - Throws: ``JSONError`` when the text is not well-formed or not what the type asks for.
    @inlinable
    public static func decode<Value: JSONDecodable>(
        _ type: Value.Type = Value.self,
        from bytes: UnsafeRawBufferPointer
    ) throws(JSONError) -> Value {
        var reader = JSONReader(bytes)
        do throws(JSONError) {
            let value = try Value(from: &reader)
            try reader.finish()
            return value
        } catch {
            throw reader.located(error)
        }
    }

    /// Writes a value.
    ///
    /// - Parameter value: The value.
    /// - Returns: The JSON text, compact, in UTF-8.
    /// - Throws: ``JSONError`` when the value has no JSON form, such as a number that is not finite.
    @inlinable
    public static func encode(_ value: some JSONEncodable) throws(JSONError) -> Bytes {
        var writer = JSONWriter()
        try value.encode(to: &writer)
        return try writer.finish()
    }
}
