// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension JSONReader {
    /// The index of the next byte of the input.
    ///
    /// Set it back to a place noted before to read the same values again, such as to look into an object before choosing
    /// its type. That takes time in proportion to the distance. A place outside the input counts as its nearest end.
    public var position: Int {
        get { offset }
        set { move(to: min(max(newValue, 0), count)) }
    }

    private mutating func move(to target: Int) {
        let passed = Self.brackets(in: buffer, from: min(offset, target), to: max(offset, target))
        if target < offset {
            depth -= passed.objects + passed.arrays
            expectedFields = passed.objects > 0 ? expectedFields >> (8 * passed.objects) : expectedFields
        } else {
            depth += passed.objects + passed.arrays
        }
        offset = target
        isFirst = followsOpeningBracket
    }

    /// How many more objects and arrays open than close between two places outside strings.
    private static func brackets(
        in bytes: UnsafeRawBufferPointer,
        from start: Int,
        to end: Int
    ) -> (objects: Int, arrays: Int) {
        var objects = 0
        var arrays = 0
        var index = start
        while index < end {
            switch bytes[index] {
            case UInt8(ascii: "{"): objects += 1
            case UInt8(ascii: "}"): objects -= 1
            case UInt8(ascii: "["): arrays += 1
            case UInt8(ascii: "]"): arrays -= 1
            case UInt8(ascii: "\""): index = JSONPath.endOfString(in: bytes, from: index + 1, to: end)
            default: break
            }
            index += 1
        }
        return (objects, arrays)
    }

    private var followsOpeningBracket: Bool {
        var index = offset
        while index > 0 {
            index -= 1
            switch byte(at: index) {
            case 0x20, 0x0A, 0x0D, 0x09: continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): return true
            default: return false
            }
        }
        return false
    }
}
