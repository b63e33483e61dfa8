// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How the entries of a table become bytes, and what it is called.
struct TableForm<Key: Sendable, Value: Sendable>: Sendable {
    /// The name of the table.
    let name: String
    let key: TableKeyForm<Key>
    let value: Serde<Value>
    /// The form that keys have in the topics that the table is written from, by which their partition is found.
    let partitionKey: @Sendable (Key) throws -> Bytes?

    func encode(_ key: Key) throws(FaustError) -> Bytes {
        do { return try self.key.encode(key) } catch { throw fault(.encode, "key can't be written", error) }
    }

    func decodeKey(_ bytes: Bytes) throws(FaustError) -> Key {
        do { return try key.decode(bytes) } catch { throw fault(.decode, "key can't be read", error) }
    }

    /// The bytes of a value; `nil` for null, which removes the key.
    func encode(_ value: Value) throws(FaustError) -> Bytes? {
        do { return try self.value.encode(value) } catch { throw fault(.encode, "value can't be written", error) }
    }

    func decodeValue(_ bytes: Bytes) throws(FaustError) -> Value {
        do { return try value.decode(bytes) } catch { throw fault(.decode, "value can't be read", error) }
    }

    func changelogKey(_ bytes: Bytes) throws(FaustError) -> Bytes {
        do { return try key.changelogKey(bytes) } catch { throw fault(.encode, "key can't be written", error) }
    }

    func companion(_ bytes: Bytes) throws(FaustError) -> Bytes? {
        guard let companion = key.companion else { return nil }
        do { return try companion(bytes) } catch { throw fault(.encode, "key can't be written", error) }
    }

    private func fault(_ code: FaustError.Code, _ what: String, _ cause: any Error) -> FaustError {
        FaustError(code, "table \(name): a \(what)", cause: cause)
    }
}
