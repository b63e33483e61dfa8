// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A step of a coding path: the name of a field or the index of an element.
struct JSONCodingKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    /// Where classes put what they inherit, by the convention of `Codable`.
    static let superclass = JSONCodingKey(stringValue: "super")

    init(stringValue: String) {
        self.stringValue = stringValue
        self.intValue = nil
    }

    init(intValue: Int) {
        self.stringValue = "Index \(intValue)"
        self.intValue = intValue
    }
}
