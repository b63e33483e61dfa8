// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension JSON {
    /// Reads a value of a `Codable` type.
    ///
    /// Keys are taken as they are. A `Date` is a string in the form of ISO 8601, `Data` a string in base64, a `Decimal` a
    /// number or a string that holds one. Conform a type to ``JSONDecodable``, or mark it `@Record`, to read it several
    /// times faster.
    ///
    /// - Parameters:
    ///   - type: The type of the value.
    ///   - bytes: The JSON text.
    /// - Returns: The value.
    /// - Throws: ``JSONError`` when the text is not well-formed; `DecodingError`, caused by a ``JSONError`` with path and
    ///   byte offset, when it is not what the type asks for; what the type's `init(from:)` throws.
    public static func decode<Value: Decodable>(codable type: Value.Type = Value.self, from bytes: Bytes) throws
        -> Value
    {
        try bytes.withUnsafeBytes { try decode(codable: type, from: $0) }
    }

    /// Reads a value of a `Codable` type from memory.
    ///
    /// - Parameters:
    ///   - type: The type of the value.
    ///   - bytes: The JSON text. It must stay as it is until the call returns; nothing of it is kept.
    /// - Returns: The value.
    /// - Throws: As ``decode(codable:from:)-(_,Bytes)`` does.
    public static func decode<Value: Decodable>(
        codable type: Value.Type = Value.self,
        from bytes: UnsafeRawBufferPointer
    ) throws -> Value {
        let decoding = try CodableDecoding(bytes)
        defer { decoding.invalidate() }
        return try decoding.value(type, at: 0)
    }

    /// Writes a value of a `Codable` type.
    ///
    /// Keys are taken as they are. A `Date` becomes a string in the form of ISO 8601, `Data` a string in base64, a
    /// `Decimal` a number.
    ///
    /// - Parameter value: The value.
    /// - Returns: The JSON text, compact, in UTF-8.
    /// - Throws: `EncodingError`, caused by a ``JSONError``, when the value has no JSON form, such as a number that is not
    ///   finite; what the type's `encode(to:)` throws.
    public static func encode(codable value: some Encodable) throws -> Bytes {
        let encoding = CodableEncoding()
        try encoding.write(value)
        return try encoding.finish()
    }
}

extension JSONValue: Codable {
    /// Reads any value; through ``JSON/decode(codable:from:)-(_,Bytes)`` without detours.
    ///
    /// - Parameter decoder: The decoder.
    /// - Throws: What the decoder throws.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .double(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    /// Writes the value; through ``JSON/encode(codable:)`` without detours.
    ///
    /// - Parameter encoder: The encoder.
    /// - Throws: What the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let values): try container.encode(values)
        case .object(let fields): try container.encode(fields)
        }
    }
}
