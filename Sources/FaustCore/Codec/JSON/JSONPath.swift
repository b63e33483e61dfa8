// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Finds which value of a JSON text lies at a byte offset.
///
/// Nothing is tracked while a text is parsed, so that success costs nothing: after a failure the text is walked again up
/// to the place of the error. The walk is a single loop in constant stack space, and tolerates text that is not
/// well-formed.
struct JSONPath {
    private enum Component {
        case key(Range<Int>?)
        case index(Int)
    }

    private static let greatestKeyLength = 64

    private let bytes: UnsafeRawBufferPointer
    private var components: [Component] = []
    /// The last string that was passed; it becomes a key when a colon follows.
    private var lastString: Range<Int>?

    /// The path of the value at an offset.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - offset: A byte offset in it.
    /// - Returns: The path, from `$` on.
    static func find(in bytes: UnsafeRawBufferPointer, at offset: Int) -> String {
        var path = JSONPath(bytes: bytes)
        path.walk(to: min(max(offset, 0), bytes.count))
        return path.text
    }

    /// The path as the steps of a coding path.
    ///
    /// - Parameters:
    ///   - bytes: The text, which is well-formed at least up to the offset.
    ///   - offset: A byte offset in it.
    /// - Returns: A step for each array or object that is open at the offset and has a current element or field.
    static func keys(in bytes: UnsafeRawBufferPointer, at offset: Int) -> [any CodingKey] {
        var path = JSONPath(bytes: bytes)
        path.walk(to: min(max(offset, 0), bytes.count))
        return path.components.compactMap { component in
            switch component {
            case .index(let index): JSONCodingKey(intValue: index)
            case .key(nil): nil
            case .key(let range?): JSONCodingKey(stringValue: JSONReader(bytes).unescaped(range))
            }
        }
    }

    private init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    private mutating func walk(to end: Int) {
        var index = 0
        while index < end {
            switch bytes[index] {
            case UInt8(ascii: "{"): components.append(.key(nil))
            case UInt8(ascii: "["): components.append(.index(0))
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = components.popLast()
            case UInt8(ascii: ","): advance()
            case UInt8(ascii: ":"): if case .key = components.last { replaceLast(with: .key(lastString)) }
            case UInt8(ascii: "\""):
                let start = index + 1
                index = Self.endOfString(in: bytes, from: start, to: end)
                lastString = start..<index
            default: break
            }
            index += 1
        }
    }

    private mutating func advance() {
        switch components.last {
        case .index(let index): replaceLast(with: .index(index + 1))
        case .key: replaceLast(with: .key(nil))
        case nil: break
        }
    }

    private mutating func replaceLast(with component: Component) {
        components[components.count - 1] = component
    }

    /// The index of the quote that closes a string, or `end`.
    static func endOfString(in bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Int {
        var index = start
        while index < end && bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(index, end)
    }

    private var text: String {
        var text = "$"
        for component in components {
            switch component {
            case .index(let index): text += "[\(index)]"
            case .key(nil): break
            case .key(let range?): text += Self.step(to: String(decoding: shortened(range), as: UTF8.self))
            }
        }
        return text
    }

    private func shortened(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[range.prefix(Self.greatestKeyLength)])
    }

    /// The step from an object to one of its fields: `.name`, or `["…"]` when the name is not a plain one.
    static func step(to name: String) -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
            default: false
            }
        }
        return isPlain && !name.isEmpty ? ".\(name)" : "[\"\(name)\"]"
    }
}
