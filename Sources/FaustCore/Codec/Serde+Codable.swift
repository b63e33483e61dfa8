// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension Serde where Value: Codable {
    /// JSON through the type's `Codable`; several times slower than a `@Record`.
    ///
    /// An optional's `nil` is null.
    @inlinable @_disfavoredOverload public static var json: Serde<Value> {
        json(
            null: nilOfType,
            encode: { try JSON.encode(codable: $0) },
            decode: { try JSON.decode(codable: Value.self, from: $0) }
        )
    }

    /// The serde of keys that nobody names a serde for: JSON for a type that is only `Codable`.
    @inlinable @_disfavoredOverload public static var keyDefault: Serde<Value> { plainForKeys ?? json }

    /// The serde of values that nobody names a serde for: JSON for a type that is only `Codable`.
    @inlinable @_disfavoredOverload public static var valueDefault: Serde<Value> { plainForValues ?? json }

    /// The serde that a text such as `json|gzip` names.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` when the type has no such form or the
    ///   registry no such codec.
    @inlinable @_disfavoredOverload
    public static func named(_ chain: String, in codecs: CodecRegistry = CodecRegistry()) throws -> Serde<Value> {
        try named(chain, in: codecs, json: json)
    }

    /// What keys of the type are written with when the topic does not say: the app's default.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for a name that nothing has.
    @inlinable @_disfavoredOverload
    public static func keyDefault(_ chain: String?, in codecs: CodecRegistry) throws -> Serde<Value> {
        try fallback(chain, in: codecs, json: json, natural: keyDefault)
    }

    /// What values of the type are written with when the topic does not say: the app's default.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for a name that nothing has.
    @inlinable @_disfavoredOverload
    public static func valueDefault(_ chain: String?, in codecs: CodecRegistry) throws -> Serde<Value> {
        try fallback(chain, in: codecs, json: json, natural: valueDefault)
    }
}

extension Schema where Key: JSONDecodable & JSONEncodable, Value: Codable {
    /// A schema in which each type has its own form; the values go through `Codable`.
    @inlinable @_disfavoredOverload
    public init(key: Key.Type, value: Value.Type) {
        self.init(key: .keyDefault, value: .valueDefault)
    }
}

extension Schema where Key == Bytes?, Value: Codable {
    /// A schema for values whose keys are of no interest; the values go through `Codable`.
    @inlinable @_disfavoredOverload
    public init(value: Value.Type) {
        self.init(key: .raw, value: .valueDefault)
    }
}
