// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The encoding of one value of a `Codable` type.
///
/// What types encode by calling `encode` goes straight to the writer, for it is finished when the call returns. Nested
/// containers and encoders of superclasses stay open beside their parent; each has an encoding of its own, which is put in
/// its place at the end.
final class CodableEncoding {
    private enum Kind {
        case object
        case array
    }

    var writer: JSONWriter
    /// The arrays and objects that are open, the outermost first.
    private var open: [(kind: Kind, serial: Int)] = []
    private var lastSerial = 0
    /// What is to be put in the place of a byte of the output.
    private var parts: [(offset: Int, part: CodableEncoding)] = []
    /// What went wrong in a way that leaves the text unusable, even if the type's code has caught it.
    private var failure: (any Error)?
    /// The steps to what is encoded here.
    private let pathToRoot: [any CodingKey]

    init(path: [any CodingKey] = [], depth: Int = 0) {
        writer = JSONWriter(capacity: 256)
        writer.depth = depth
        pathToRoot = path
    }

    // MARK: Containers

    /// How many arrays and objects are open.
    var level: Int { open.count }

    /// Makes the value at a level an object, or goes on with it if it is one.
    ///
    /// - Returns: The object's serial number.
    func object(at level: Int) -> Int {
        begin(.object, at: level)
    }

    /// Makes the value at a level an array, or goes on with it if it is one.
    ///
    /// - Returns: The array's serial number.
    func array(at level: Int) -> Int {
        begin(.array, at: level)
    }

    private func begin(_ kind: Kind, at level: Int) -> Int {
        if open.count > level && open[level].kind == kind {
            close(to: level + 1)
            return open[level].serial
        }
        // A container that is not the current value's any more: whatever is written to it is refused.
        guard open.count == level else { return -1 }
        if kind == .object { writer.beginObject() } else { writer.beginArray() }
        lastSerial += 1
        open.append((kind, lastSerial))
        return lastSerial
    }

    private func close(to level: Int) {
        while open.count > level {
            if open.removeLast().kind == .object { writer.endObject() } else { writer.endArray() }
        }
    }

    // MARK: Fields and elements

    /// Writes a field or element of the container at a level.
    ///
    /// When `body` throws, nothing is written.
    @inline(__always)
    func add(
        _ key: String?,
        toContainerAt level: Int,
        serial: Int,
        _ body: () throws -> Void
    ) throws {
        guard open.count > level, open[level].serial == serial else { throw closed(level) }
        close(to: level + 1)
        let mark = (writer.count, writer.depth)
        if let key { writer.key(key) } else { writer.element() }
        do {
            try body()
        } catch {
            takeBack(to: mark, level: level, serial: serial, error)
            throw error
        }
    }

    /// Forgets what was written since a mark.
    private func takeBack(to mark: (count: Int, depth: Int), level: Int, serial: Int, _ error: any Error) {
        guard open.count > level, open[level].serial == serial else {
            // The value's own code has closed the container that it lies in, by writing to one further out.
            failure = error
            return
        }
        open.removeLast(open.count - level - 1)
        parts.removeAll { $0.offset >= mark.count }
        (writer.used, writer.depth) = mark
    }

    /// Leaves a place in the output for what is encoded separately.
    func addPart() -> CodableEncoding {
        let part = CodableEncoding(path: path(at: open.count), depth: writer.depth)
        parts.append((writer.count, part))
        writer.write(false)
        return part
    }

    private static let placeLength = "false".utf8.count

    private func closed(_ level: Int) -> EncodingError {
        let context = EncodingError.Context(
            codingPath: path(at: min(level, open.count)),
            debugDescription: "The container belongs to a value that is already encoded."
        )
        return .invalidValue(self, context)
    }

    // MARK: Values

    /// Writes a value, by the shortest way there is for its type.
    func write<Value: Encodable>(_ value: Value) throws {
        let type = Value.self
        if type == String.self { return writer.write(cast(value) as String) }
        if type == Int.self { return writer.write(cast(value) as Int) }
        if type == Bool.self { return writer.write(cast(value) as Bool) }
        if type == URL.self { return writer.write((cast(value) as URL).absoluteString) }
        if type == Double.self { return try write(json: cast(value) as Double) }
        if type == Date.self { return try write(json: cast(value) as Date) }
        if type == Data.self { return try write(json: cast(value) as Data) }
        if type == JSONValue.self { return try write(json: cast(value) as JSONValue) }
        if type == Decimal.self {
            let decimal: Decimal = cast(value)
            return try write(decimal) { (writer) throws(JSONError) in try writer.write(decimal, as: .number) }
        }
        try writeContainer(value)
    }

    private func write(json value: some JSONEncodable) throws {
        try write(value) { (writer) throws(JSONError) in try value.encode(to: &writer) }
    }

    private func writeContainer(_ value: some Encodable) throws {
        if writer.isTooDeep { throw refusal(.tooDeep, value) }
        let level = open.count
        let start = writer.count
        try value.encode(to: CodableEncoder(encoding: self, level: level))
        close(to: level)
        if writer.count == start { writeEmptyObject() }
    }

    private func writeEmptyObject() {
        writer.beginObject()
        writer.endObject()
    }

    /// The same value, whose type is known to be the other one.
    @inline(__always)
    private func cast<From, To>(_ value: From) -> To {
        // The callers compared the types: this gives the same value another static type only.
        unsafeBitCast(value, to: To.self)
    }

    /// Writes a value that may have no JSON form.
    func write(_ value: Any, _ body: (inout JSONWriter) throws(JSONError) -> Void) throws {
        do throws(JSONError) {
            try body(&writer)
        } catch {
            throw refusal(error.reason, value)
        }
    }

    // MARK: Errors

    /// The steps to the value at a level.
    func path(at level: Int) -> [any CodingKey] {
        let steps = writer.withWrittenBytes { JSONPath.keys(in: $0, at: $0.count) }
        return pathToRoot + steps.prefix(level)
    }

    private func refusal(_ reason: JSONError.Reason, _ value: Any) -> EncodingError {
        let cause = writer.fault(reason)
        let context = EncodingError.Context(
            codingPath: path(at: open.count),
            debugDescription: "\(cause)",
            underlyingError: cause
        )
        return .invalidValue(value, context)
    }

    // MARK: Result

    /// The text, with all its parts in their places.
    func finish() throws -> Bytes {
        var result = JSONWriter(capacity: writer.count)
        result.isTooDeep = try append(to: &result)
        return try result.finish()
    }

    /// Appends the text; returns whether it is too deep to be read again.
    private func append(to result: inout JSONWriter) throws -> Bool {
        if let failure { throw failure }
        close(to: 0)
        if writer.count == 0 { writeEmptyObject() }
        var isTooDeep = writer.isTooDeep
        var start = 0
        for (offset, part) in parts {
            writer.withWrittenBytes { result.appendCopy(of: $0[start..<offset]) }
            isTooDeep = try part.append(to: &result) || isTooDeep
            start = offset + Self.placeLength
        }
        writer.withWrittenBytes { result.appendCopy(of: $0[start...]) }
        return isTooDeep
    }
}

extension JSONWriter {
    fileprivate mutating func appendCopy(of bytes: Slice<UnsafeRawBufferPointer>) {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes)
        if let start = bytes.baseAddress { append(start, count: bytes.count) }
    }
}

/// The encoder of one value.
struct CodableEncoder: Encoder {
    let encoding: CodableEncoding
    /// How many arrays and objects the value lies in.
    let level: Int

    var codingPath: [any CodingKey] { encoding.path(at: level) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(CodableKeyedEncoding<Key>(encoding, level: level))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        CodableUnkeyedEncoding(encoding, level: level)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        CodableSingleValueEncoding(encoding: encoding, level: level)
    }
}
