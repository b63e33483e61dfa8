// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Synchronization

extension App {
    /// Declares a table whose values are sets (Faust's `SetTable`).
    ///
    /// ```swift
    /// let tags = app.setTable("tags", key: String.self, value: String.self)
    /// ```
    ///
    /// - Parameters:
    ///   - name: The name, unique in the app; part of the name of the changelog topic.
    ///   - key: The type of the keys.
    ///   - value: The type of the members of the sets.
    ///   - startManager: Whether sets can be changed from anywhere through ``SetTable/manager``: the app then has one more
    ///     agent, `{name}-setmanager`, which reads the topic `managerTopic`.
    ///   - managerTopic: The name of that topic; `nil` takes `{app.id}-{name}-setmanager`. Faust's is `{name}-setmanager`.
    ///   - help: What the table is for, in a sentence, for listings.
    ///   - configuration: How the table is kept.
    /// - Returns: The handle.
    public func setTable<Key: JSONCodable, Member: JSONCodable & Hashable>(
        _ name: String,
        key: Key.Type,
        value: Member.Type,
        startManager: Bool = false,
        managerTopic: String? = nil,
        help: String = "",
        configuration: TableConfiguration = TableConfiguration()
    ) -> SetTable<Key, Member> {
        let topicKey = topicKeySerde(Key.self)
        let keyForm = TableKeyForm<Key>.nested(json: .json)
        let partitionKey: @Sendable (Key) throws -> Bytes? = { try topicKey.encode($0) }
        let form = TableForm(
            name: name,
            key: TableKeyForm.member(keyForm, TableKeyForm<Member>.nested(json: .json)),
            value: Membership.serde,
            partitionKey: { try partitionKey($0.key) }
        )
        let core = TableCore(form, configuration: configuration, help: help, app: self)
        declare(core)
        let makeTable = { manager in
            SetTable<Key, Member>(core: core, keyForm: keyForm, partitionKey: partitionKey, manager: manager)
        }
        guard startManager else {
            return makeTable(
                SetManager(topic: nil) { _, _ in
                    throw FaustError(
                        .configuration,
                        "set table \(name) has no manager: declare it with startManager: true"
                    )
                }
            )
        }
        let operations = managerTopicHandle(managerTopic ?? "\(id)-\(name)-setmanager", topicKey, of: name, Member.self)
        let manager = SetManager<Key, Member>(topic: operations.name) { key, operation in
            try await operations.send(operation, key: key)
        }
        let table = makeTable(manager)
        agent("\(name)-setmanager", operations, help: "Changes sets of the table \(name).") { stream in
            for try await (key, operation) in stream.items() { try operation.apply(to: table[key]) }
        }
        return table
    }

    /// Declares the topic of a manager, which gets as many partitions as the table.
    private func managerTopicHandle<Key: JSONCodable, Member: JSONCodable & Hashable>(
        _ topic: String,
        _ key: Serde<Key>,
        of table: String,
        _: Member.Type
    ) -> Topic<Key, SetOperation<Member>> {
        let handle = self.topic(topic, schema: Schema(key: key, value: Serde<SetOperation<Member>>.json))
        declarations.withLock { $0.topics[topic]?.besideTable = table }
        return handle
    }
}
