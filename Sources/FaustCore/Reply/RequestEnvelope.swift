// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A request whose value is wrapped in an object that says where the reply goes, since its headers do not (Faust's
/// `use_reply_headers=False`, AG18).
struct RequestEnvelope: Sendable {
    /// The JSON text of the value.
    let value: Bytes
    let address: ReplyAddress

    init(value: Bytes, address: ReplyAddress) {
        self.value = value
        self.address = address
    }

    /// The envelope that bytes are; `nil` for any other value.
    ///
    /// Most values are told from envelopes by a search for the envelope's name.
    init?(in bytes: Bytes) {
        guard Self.mayBeEnvelope(bytes), let fields = try? JSON.decode(Fields.self, from: bytes),
            fields.namespace == ReplyWords.request || fields.namespace == ReplyWords.modelRequest,
            let value = fields.value, let topic = fields.replyTo, let id = fields.correlationID
        else { return nil }
        self.init(value: bytes[value], address: ReplyAddress(topic: topic, correlationID: id))
    }

    /// The envelope as Faust writes it.
    func encoded() throws -> Bytes {
        var writer = JSONWriter(capacity: value.count + 160)
        writer.beginObject()
        writer.field("\"value\":")
        writer.writeRaw(value)
        writer.field("\"reply_to\":")
        writer.write(address.topic)
        writer.field("\"correlation_id\":")
        writer.write(address.correlationID)
        writer.writeNamespace(ReplyWords.request)
        writer.endObject()
        return try writer.finish()
    }

    /// What both names of the envelope end with.
    private static let mark = Array("ReqRepRequest\"".utf8)

    private static func mayBeEnvelope(_ bytes: Bytes) -> Bool {
        bytes.withUnsafeBytes { bytes in
            guard bytes.first == UInt8(ascii: "{"), bytes.count > mark.count else { return false }
            // From the back, where Faust puts the name: the first comparison finds it there.
            var start = bytes.count - mark.count
            while start > 0 {
                if bytes[start] == mark[0], bytes[start...].starts(with: mark) { return true }
                start -= 1
            }
            return false
        }
    }

    /// What an envelope is made of.
    private struct Fields: JSONDecodable {
        var value: Range<Int>?
        var replyTo: String?
        var correlationID: String?
        var namespace: String?
        private static let table = JSONFieldTable(["value", "reply_to", "correlation_id", "__faust"])

        init(from reader: inout JSONReader) throws(JSONError) {
            try reader.beginObject()
            while true {
                switch try reader.nextField(of: Self.table) {
                case 0: value = try reader.readRawValue()
                case 1: replyTo = try reader.readString()
                case 2: correlationID = try reader.readString()
                case 3: namespace = try reader.readNamespace()
                default: return
                }
            }
        }
    }
}

extension Serde {
    /// The same serde, which also reads values in the envelope of a request.
    var openingEnvelopes: Serde {
        let (encoder, decoder) = (encoder, decoder)
        var opening: HeaderDecoder?
        if let headerDecoder {
            opening = { bytes, headers in
                try headerDecoder(bytes.map { RequestEnvelope(in: $0)?.value ?? $0 }, headers)
            }
        }
        return Serde(
            name: name,
            encoder: encoder,
            decoder: { bytes in try decoder(bytes.map { RequestEnvelope(in: $0)?.value ?? $0 }) },
            headerDecoder: opening
        )
    }
}

extension JSONWriter {
    /// Writes the field in which Faust names the type of an object.
    mutating func writeNamespace(_ namespace: String) {
        field("\"__faust\":")
        beginObject()
        field("\"ns\":")
        write(namespace)
        endObject()
    }
}

extension JSONReader {
    /// Reads the object in which Faust names the type of the one around it.
    mutating func readNamespace() throws(JSONError) -> String? {
        var namespace: String?
        try beginObject()
        while try nextField(of: Namespace.table) == 0 { namespace = try readString() }
        return namespace
    }
}

private enum Namespace {
    static let table = JSONFieldTable(["ns"])
}
