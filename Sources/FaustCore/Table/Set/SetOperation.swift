// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A change of one set, as it is sent to the manager of a ``SetTable``: JSON with Faust's names.
struct SetOperation<Member: Hashable & Sendable>: Sendable {
    enum Action: String, Sendable {
        case add = "ADD"
        case discard = "DISCARD"
        case clear = "CLEAR"
        case intersection = "INTERSECTION"
        case symmetricDifference = "SYMDIFF"
    }

    var action: Action
    var members: [Member]

    init(_ action: Action, _ members: some Sequence<Member>) {
        self.action = action
        self.members = Array(members)
    }

    /// Makes the change, in an agent that has the key's partition.
    func apply<Key>(to set: TableSet<Key, Member>) throws(FaustError) {
        switch action {
        case .add: try set.formUnion(members)
        case .discard: try set.subtract(members)
        case .clear: try set.removeAll()
        case .intersection: try set.formIntersection(members)
        case .symmetricDifference: try set.formSymmetricDifference(members)
        }
    }
}

extension SetOperation: JSONDecodable where Member: JSONDecodable {
    init(from reader: inout JSONReader) throws(JSONError) {
        var (action, members): (Action?, [Member]) = (nil, [])
        try reader.beginObject()
        while let name = try reader.nextKey() {
            switch name {
            case "action":
                action = Action(rawValue: try String(from: &reader))
                guard action != nil else { throw reader.fault(.invalidValue("an operation on sets")) }
            case "members": members = try [Member](from: &reader)
            // Faust adds the name of its record.
            default: _ = try reader.readRawValue()
            }
        }
        guard let action else { throw reader.fault(.missingField("action")) }
        self.init(action, members)
    }
}

extension SetOperation: JSONEncodable where Member: JSONEncodable {
    func encode(to writer: inout JSONWriter) throws(JSONError) {
        writer.beginObject()
        writer.key("action")
        writer.write(action.rawValue)
        writer.key("members")
        try members.encode(to: &writer)
        writer.endObject()
    }
}
