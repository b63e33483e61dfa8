// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

private import Synchronization

/// The names of the fields of a type, prepared for ``JSONReader/nextField(of:)``.
///
/// Tables are kept as long as the process lives, one for each distinct list of names, so that using one costs no
/// reference counting. Make them from names in the source, once for each type (`static let`), not from data.
public struct JSONFieldTable: @unchecked Sendable {
    // It is `@unchecked Sendable` because it holds a pointer: the memory is written before the table is made and is
    // neither changed nor released afterwards.
    @usableFromInline let fields: UnsafePointer<Field>
    /// The number of fields.
    public let count: Int

    /// A field's name as a compact JSON text has it, in words of eight bytes.
    @usableFromInline
    struct Field {
        /// The quoted and escaped name and the colon, padded with zeros.
        @usableFromInline let pattern: UnsafePointer<UInt64>
        /// The number of bytes of the pattern without the padding.
        @usableFromInline let length: Int
        /// The bits of the pattern's last word that are not padding.
        @usableFromInline let lastMask: UInt64
        /// The name itself.
        let name: UnsafeBufferPointer<UInt8>

        /// Whether the pattern is at `pointer`, from where on `available` bytes may be read.
        @inlinable @inline(__always)
        func matches(at pointer: UnsafeRawPointer, available: Int) -> Bool {
            let lastWord = (length &- 1) & ~7
            guard available >= lastWord &+ 8 else { return matchesBytes(at: pointer, available: available) }
            var offset = 0
            let words = UnsafeRawPointer(pattern)
            while offset < lastWord {
                let word = pointer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                if word != words.load(fromByteOffset: offset, as: UInt64.self) { return false }
                offset &+= 8
            }
            let word = pointer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            return (word ^ words.load(fromByteOffset: offset, as: UInt64.self)) & lastMask == 0
        }

        /// The same near the end of the input, where whole words can't be read.
        @usableFromInline @inline(never)
        func matchesBytes(at pointer: UnsafeRawPointer, available: Int) -> Bool {
            guard available >= length else { return false }
            return UnsafeRawBufferPointer(start: pointer, count: length)
                .elementsEqual(UnsafeRawBufferPointer(start: pattern, count: length))
        }
    }

    /// A table of names.
    ///
    /// - Parameter names: The fields' names in JSON, in the order in which they are expected. Of equal names the first
    ///   is found.
    public init(_ names: [String]) {
        self = Self.tables.withLock { tables in
            if let table = tables[names] { return table }
            let table = JSONFieldTable(copying: names)
            tables[names] = table
            return table
        }
    }

    private static let tables = Mutex<[[String]: JSONFieldTable]>([:])

    private init(copying names: [String]) {
        let fields = UnsafeMutablePointer<Field>.allocate(capacity: max(names.count, 1))
        for (index, name) in names.enumerated() {
            (fields + index).initialize(to: Field(name))
        }
        self.fields = UnsafePointer(fields)
        self.count = names.count
    }

    /// The field with a name that was given in its unescaped form, tried from `first` on.
    ///
    /// - Returns: The index, or -1.
    func index(of name: UnsafeRawBufferPointer, startingAt first: Int) -> Int {
        var index = first < count ? first : 0
        for _ in 0..<count {
            let candidate = fields[index].name
            if candidate.count == name.count && name.elementsEqual(candidate) { return index }
            index = index &+ 1 < count ? index &+ 1 : 0
        }
        return -1
    }
}

extension JSONFieldTable.Field {
    init(_ name: String) {
        var writer = JSONWriter()
        writer.write(name)
        let quoted = writer.withWrittenBytes { Array($0) } + [UInt8(ascii: ":")]
        let words = (quoted.count + 7) / 8
        let pattern = UnsafeMutablePointer<UInt64>.allocate(capacity: words)
        pattern.initialize(repeating: 0, count: words)
        UnsafeMutableRawBufferPointer(start: pattern, count: words * 8).copyBytes(from: quoted)
        var mask = [UInt8](repeating: 0, count: 8)
        for index in 0..<(quoted.count - (words - 1) * 8) { mask[index] = 0xFF }
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(name.utf8.count, 1))
        _ = copy.initialize(from: name.utf8)
        self.pattern = UnsafePointer(pattern)
        self.length = quoted.count
        self.lastMask = mask.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        self.name = UnsafeBufferPointer(start: copy.baseAddress, count: name.utf8.count)
    }
}
