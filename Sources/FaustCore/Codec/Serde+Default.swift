// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension Serde where Value: JSONDecodable & JSONEncodable {
    /// JSON.
    ///
    /// An optional's `nil` is null, a tombstone, not the JSON text `null`; both are read as `nil`.
    @inlinable public static var json: Serde<Value> {
        json(null: nilOfType, encode: { try JSON.encode($0) }, decode: { try JSON.decode(Value.self, from: $0) })
    }

    /// The serde of keys that nobody names a serde for: bytes as they are, strings as UTF-8, numbers and UUIDs as their
    /// text, the same for optionals of these, and JSON for everything else.
    ///
    /// These are the bytes that Faust and Kafka's console tools write, so that equal keys meet in one partition whoever
    /// wrote them.
    @inlinable public static var keyDefault: Serde<Value> { plainForKeys ?? json }

    /// The serde of values that nobody names a serde for: bytes as they are, JSON for everything else.
    @inlinable public static var valueDefault: Serde<Value> { plainForValues ?? json }

    /// The serde that a text such as `json|gzip` names.
    ///
    /// - Parameters:
    ///   - chain: The form (`json`; for some types also `raw`, `text`, `big-endian`), then codecs from left to right.
    ///   - codecs: Where the codecs are looked up.
    /// - Returns: The serde.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` when the type has no such form or the
    ///   registry no such codec.
    @inlinable
    public static func named(_ chain: String, in codecs: CodecRegistry = CodecRegistry()) throws -> Serde<Value> {
        try named(chain, in: codecs, json: json)
    }

    /// What keys of the type are written with when the topic does not say: the app's default.
    ///
    /// - Parameters:
    ///   - chain: The setting ``Settings/keySerializer``; `nil` for `keyDefault`. Where the type does not have the
    ///     form that it names, the type's natural form takes its place, and the codecs stay.
    ///   - codecs: Where the codecs are looked up.
    /// - Returns: The serde.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for a name that nothing has.
    @inlinable
    public static func keyDefault(_ chain: String?, in codecs: CodecRegistry) throws -> Serde<Value> {
        try fallback(chain, in: codecs, json: json, natural: keyDefault)
    }

    /// What values of the type are written with when the topic does not say: the app's default.
    ///
    /// - Parameters:
    ///   - chain: The setting ``Settings/valueSerializer``; `nil` for `valueDefault`. Where the type does not have the
    ///     form that it names, the type's natural form takes its place, and the codecs stay; bytes always stay bytes.
    ///   - codecs: Where the codecs are looked up.
    /// - Returns: The serde.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for a name that nothing has.
    @inlinable
    public static func valueDefault(_ chain: String?, in codecs: CodecRegistry) throws -> Serde<Value> {
        try fallback(chain, in: codecs, json: json, natural: valueDefault)
    }
}

extension Serde {
    /// The value that null stands for, where the type has one.
    @usableFromInline static var nilOfType: Value? {
        (Value.self as? any ExpressibleByNilLiteral.Type).flatMap { $0.init(nilLiteral: ()) as? Value }
    }

    @usableFromInline static var plainForKeys: Serde? {
        SerdeForm.plain(of: Value.self).first
    }

    @usableFromInline static var plainForValues: Serde? {
        SerdeForm.isBytes(Value.self) ? plainForKeys : nil
    }

    /// JSON whose null value, if the type has one, is written as null.
    @inlinable
    static func json(
        null: Value?,
        encode: @escaping @Sendable (Value) throws -> Bytes,
        decode: @escaping @Sendable (Bytes) throws -> Value
    ) -> Serde {
        guard let null else { return Serde("json", encode: encode, decode: decode) }
        return Serde(
            "json",
            encodeNullable: { value in
                let bytes = try encode(value)
                return isNullLiteral(bytes) ? nil : bytes
            },
            decodeNullable: { bytes in try bytes.map(decode) ?? null }
        )
    }

    @usableFromInline
    static func named(_ chain: String, in codecs: CodecRegistry, json: Serde) throws -> Serde {
        let plain = SerdeForm.plain(of: Value.self)
        let (form, behind) = try codecs.parse(chain, forms: SerdeForm.names)
        guard let form else {
            throw FaustError(
                .configuration,
                "'\(chain)' starts with a codec: put a form before it, as in 'json|\(chain)'"
            )
        }
        // Faust says `raw` of everything that is not quoted, numbers included.
        let serde = form == "json" ? json : plain.first { $0.name == form } ?? (form == "raw" ? plain.first : nil)
        guard let serde else {
            let known = (["json"] + plain.map(\.name)).joined(separator: ", ")
            throw FaustError(.configuration, "\(Value.self) has no form '\(form)', only \(known)")
        }
        return behind.reduce(serde) { $0 | $1 }
    }

    @usableFromInline
    static func fallback(
        _ chain: String?,
        in codecs: CodecRegistry,
        json: Serde,
        natural: Serde
    ) throws -> Serde {
        guard let chain else { return natural }
        let (form, behind) = try codecs.parse(chain, forms: SerdeForm.names)
        let plain = SerdeForm.plain(of: Value.self)
        let fitting = form == "json" ? json : plain.first { $0.name == form }
        let serde = SerdeForm.isBytes(Value.self) ? natural : fitting ?? natural
        return behind.reduce(serde) { $0 | $1 }
    }
}

/// Whether bytes are the JSON text `null`, as the writer writes it.
@usableFromInline
func isNullLiteral(_ bytes: Bytes) -> Bool {
    bytes.count == 4 && bytes == nullLiteral
}

private let nullLiteral: Bytes = "null"
