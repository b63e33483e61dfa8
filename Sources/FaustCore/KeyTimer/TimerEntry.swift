// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A key of the table that timers are kept in.
///
/// Each timer has two entries, so that both can be found: what is due, and what is set for a key.
enum TimerKey<Key: Sendable>: Sendable {
    /// The timer of a key that is due at a time, in milliseconds since 1970.
    case due(Int64, Key)
    /// When the timer of a key is due.
    case set(Key)

    var key: Key {
        switch self {
        case .due(_, let key), .set(let key): key
        }
    }
}

/// A value of the table that timers are kept in.
enum TimerValue<Payload: Sendable>: Sendable {
    case payload(Payload)
    case due(Int64)
}

extension TableKeyForm {
    /// The form of the keys of timers: `["due", time, key]` and `["set", key]` in the changelog.
    ///
    /// In the store all that are due come first, in the order of their times.
    ///
    /// - Parameter base: The form of the keys themselves.
    /// - Returns: The form of timers.
    static func timers<Base: Sendable>(_ base: TableKeyForm<Base>) -> TableKeyForm where Key == TimerKey<Base> {
        TableKeyForm(
            encode: { timer in
                switch timer {
                case .due(let time, let key): TimerKeyLayout.due(time, try base.encode(key))
                case .set(let key): TimerKeyLayout.set(try base.encode(key))
                }
            },
            decode: { bytes in
                switch try TimerKeyLayout.parts(of: bytes) {
                case (let time?, let key): .due(time, try base.decode(key))
                case (nil, let key): .set(try base.decode(key))
                }
            },
            changelogKey: { bytes in
                if bytes.isEmpty { return TimerKeyLayout.markerKey }
                switch try TimerKeyLayout.parts(of: bytes) {
                case (let time?, let key): return Bytes("[\"due\",\(time),\(String(try base.changelogKey(key)))]")
                case (nil, let key): return Bytes("[\"set\",\(String(try base.changelogKey(key)))]")
                }
            },
            storeKey: { bytes in
                if bytes == TimerKeyLayout.markerKey { return .empty }
                switch try TimerKeyLayout.changelogParts(of: bytes) {
                case (let time?, let key): return TimerKeyLayout.due(time, try base.storeKey(key))
                case (nil, let key): return TimerKeyLayout.set(try base.storeKey(key))
                }
            }
        )
    }
}

/// Where the parts of a timer's key lie.
enum TimerKeyLayout {
    /// The changelog's key of how far a partition's time is; the store has it under no bytes at all.
    static let markerKey: Bytes = "\"faust.timers.time\""
    private static let (dueMark, setMark): (UInt8, UInt8) = (1, 2)
    private static let timeCount = 8

    static func due(_ time: Int64, _ key: Bytes) -> Bytes {
        Bytes([dueMark] + Array(orderedBytes(of: time)) + key)
    }

    static func set(_ key: Bytes) -> Bytes {
        Bytes([setMark] + Array(key))
    }

    /// The keys of all timers that are due at a time or before.
    static func range(dueBy time: Int64) -> StoreRange {
        let bound = time == .max ? Bytes([dueMark + 1]) : Bytes([dueMark] + Array(orderedBytes(of: time + 1)))
        return StoreRange(from: Bytes([dueMark]), before: bound)
    }

    /// The time, if the key has one, and the key itself.
    static func parts(of bytes: Bytes) throws -> (time: Int64?, key: Bytes) {
        switch bytes.first {
        case setMark: return (nil, bytes[1...])
        case dueMark where bytes.count > timeCount:
            return (try integer(ofOrdered: bytes[1..<1 + timeCount]), bytes[(1 + timeCount)...])
        default: throw FaustError(.decode, "\(bytes.count) bytes are not the key of a timer")
        }
    }

    /// The parts of a changelog's key.
    static func changelogParts(of bytes: Bytes) throws -> (time: Int64?, key: Bytes) {
        let key = try JSON.decode(ChangelogKey.self, from: bytes)
        return (key.time, bytes[key.base])
    }

    /// `["due", time, key]` or `["set", key]`, of which the key is looked at later.
    private struct ChangelogKey: JSONDecodable {
        var time: Int64?
        var base = 0..<0

        init(from reader: inout JSONReader) throws(JSONError) {
            try reader.beginArray()
            guard try reader.nextElement() else { throw reader.fault(.invalidValue("the key of a timer")) }
            switch try String(from: &reader) {
            case "due":
                guard try reader.nextElement() else { throw reader.fault(.invalidValue("the time of a timer")) }
                time = try Int64(from: &reader)
            case "set": break
            default: throw reader.fault(.invalidValue("due or set"))
            }
            guard try reader.nextElement() else { throw reader.fault(.invalidValue("the key of a timer")) }
            base = try reader.readRawValue()
            if try reader.nextElement() { throw reader.fault(.invalidValue("a timer with one key")) }
        }
    }
}

extension Serde {
    /// What stands for a timer's value: the time as a number, or the payload in an array.
    static func timers<Payload: Sendable>(_ payload: Serde<Payload>) -> Serde where Value == TimerValue<Payload> {
        Serde(
            "timer",
            encode: { value in
                switch value {
                case .due(let time): return Bytes("\(time)")
                case .payload(let content):
                    let bytes = try payload.encode(content) ?? "null"
                    return Bytes([UInt8(ascii: "[")] + Array(bytes) + [UInt8(ascii: "]")])
                }
            },
            decode: { bytes in
                guard bytes.first == UInt8(ascii: "[") else { return .due(try JSON.decode(Int64.self, from: bytes)) }
                let inner = bytes[1..<max(bytes.count - 1, 1)]
                return .payload(try payload.decode(inner))
            }
        )
    }
}
