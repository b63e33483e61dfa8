// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The headers of a message: pairs of a name and bytes, in the order in which they were added.
///
/// A name may occur more than once, and a value may be missing (null), as in Kafka.
public struct Headers: Sendable, Hashable {
    /// One header.
    public struct Field: Sendable, Hashable {
        /// The name; case matters.
        public var name: String
        /// The value; `nil` is null, which is not the same as no bytes.
        public var value: Bytes?

        /// One header.
        public init(_ name: String, _ value: Bytes?) {
            self.name = name
            self.value = value
        }
    }

    /// The headers in order.
    public var fields: [Field]

    /// No headers, or those given.
    public init(_ fields: [Field] = []) {
        self.fields = fields
    }

    /// Whether there is no header.
    public var isEmpty: Bool { fields.isEmpty }

    /// The value of the last header of a name, which is the one that counts in Kafka; setting it replaces all of them.
    public subscript(name: String) -> Bytes? {
        get { fields.last { $0.name == name }?.value }
        set {
            fields.removeAll { $0.name == name }
            if let newValue { fields.append(Field(name, newValue)) }
        }
    }

    /// Adds a header behind the others.
    public mutating func append(_ name: String, _ value: Bytes?) {
        fields.append(Field(name, value))
    }
}

extension Headers: ExpressibleByDictionaryLiteral {
    /// The headers of a literal, in its order.
    public init(dictionaryLiteral elements: (String, Bytes?)...) {
        self.init(elements.map { Field($0.0, $0.1) })
    }
}

extension Headers: RandomAccessCollection {
    /// The position of the first header.
    public var startIndex: Int { fields.startIndex }
    /// The position after the last header.
    public var endIndex: Int { fields.endIndex }
    /// The header at a position.
    public subscript(position: Int) -> Field { fields[position] }
}
