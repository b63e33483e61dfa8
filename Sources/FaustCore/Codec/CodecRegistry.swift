// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The codecs of an app by name, so that settings and the command line can speak of `json|gzip`.
///
/// Each app has its own registry; there is no global one. A fresh registry knows `binary` (also as `base64`). Codecs
/// that are named in code, as in `.json | .gzip`, need not be registered.
///
/// ```swift
/// var codecs = CodecRegistry()
/// codecs.register(Reversed())
/// let serde = try Serde<Order>.named("json|reversed", in: codecs)
/// ```
public struct CodecRegistry: Sendable {
    private var codecs: [String: any Codec] = [:]

    /// A registry of the codecs that need no other library.
    public init() {
        register(.binary)
        register(.binary, as: "base64")
    }

    /// Adds a codec.
    ///
    /// One that was registered under the name before is replaced.
    ///
    /// - Parameters:
    ///   - codec: The codec.
    ///   - name: The name to find it by; the codec's own by default. Lower and upper case are the same.
    public mutating func register(_ codec: some Codec, as name: String? = nil) {
        codecs[(name ?? codec.name).lowercased()] = codec
    }

    /// The names of all codecs in alphabetical order.
    public var names: [String] { codecs.keys.sorted() }

    /// The codec of a name.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` that lists the known names.
    public func codec(named name: String) throws -> any Codec {
        guard let codec = codecs[name.lowercased()] else {
            throw FaustError(
                .configuration,
                "no codec is called '\(name)'; known are \(names.joined(separator: ", "))."
                    + " Add one's own with CodecRegistry.register before the app starts"
            )
        }
        return codec
    }

    /// Splits a chain such as `json|gzip|binary` into the name of the form and the codecs behind it.
    ///
    /// - Parameters:
    ///   - chain: The names from left to right; blanks around them are ignored.
    ///   - forms: The names that may come first; a chain that starts with a codec instead has no form.
    /// - Returns: The form and the codecs, from left to right.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for a name that is unknown.
    func parse(_ chain: String, forms: [String]) throws -> (form: String?, codecs: [any Codec]) {
        var names = chain.split(separator: "|", omittingEmptySubsequences: false)
            .map {
                String($0.filter { !$0.isWhitespace }).lowercased()
            }
        let form = names.first.map { SerdeForm.canonicalName[$0] ?? $0 }.flatMap { forms.contains($0) ? $0 : nil }
        if form != nil { names.removeFirst() }
        do {
            return (form, try names.map(codec(named:)))
        } catch {
            throw FaustError(
                .configuration,
                "'\(chain)' names no serde: write a form (\(forms.joined(separator: ", "))) and codecs behind it, as in"
                    + " '\(forms.first ?? "json")|binary'",
                cause: error
            )
        }
    }
}
