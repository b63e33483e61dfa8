// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension CodecRegistry {
    /// The serde for text that a person types or reads, as on the command line, where no type is known.
    ///
    /// With the form `json` the text has to be JSON, and goes out as it was typed; with `raw` it is any text.
    ///
    /// - Parameter chain: `json` or `raw`, then codecs from left to right: `json|gzip`. A chain of codecs alone stands
    ///   behind `raw`.
    /// - Returns: The serde.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` that lists the known names.
    public func textSerde(_ chain: String) throws -> Serde<String> {
        let (form, codecs) = try parse(chain, forms: ["json", "raw"])
        return codecs.reduce(form == "json" ? .jsonText : .raw) { $0 | $1 }
    }
}

extension Serde where Value == String {
    /// A text that is JSON already.
    fileprivate static var jsonText: Serde<String> {
        Serde(
            "json",
            encode: { text in
                let bytes = Bytes(text)
                _ = try JSON.decode(WellFormed.self, from: bytes)
                return bytes
            },
            decode: { bytes in
                _ = try JSON.decode(WellFormed.self, from: bytes)
                return String(bytes)
            }
        )
    }
}

/// Any JSON value, of which nothing is kept.
private struct WellFormed: JSONDecodable {
    init(from reader: inout JSONReader) throws(JSONError) {
        try reader.skipValue()
    }
}
