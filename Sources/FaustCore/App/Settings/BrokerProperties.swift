// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Properties of the client of a broker, by its own names.
///
/// Some may be passwords: neither printing nor dumping it shows a value.
public struct BrokerProperties: Sendable, Hashable {
    /// The values by name.
    public var values: [String: String]

    /// No properties, or those given.
    public init(_ values: [String: String] = [:]) {
        self.values = values
    }

    /// The value of a property; `nil` leaves it as it is.
    public subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue }
    }
}

extension BrokerProperties: ExpressibleByDictionaryLiteral {
    /// The properties of a literal; the last of equal names counts.
    public init(dictionaryLiteral elements: (String, String)...) {
        values = Dictionary(elements) { $1 }
    }
}

extension BrokerProperties: CustomStringConvertible, CustomReflectable {
    /// The names, sorted, with masked values: `client.rack=***;sasl.password=***`.
    public var description: String { values.keys.sorted().map { "\($0)=***" }.joined(separator: ";") }
    /// What a dump shows: no value.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
