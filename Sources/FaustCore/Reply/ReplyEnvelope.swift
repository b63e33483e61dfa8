// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A reply as it lies in the topic of replies: Faust's `ReqRepResponse` (AG19).
struct ReplyEnvelope: Sendable {
    /// The key of the request, if it is text: nobody needs it, but Faust writes it.
    var key: Bytes?
    /// The JSON text of the value.
    var value: Bytes
    /// Tells which request it answers.
    var correlationID: String

    init(key: Bytes? = nil, value: Bytes, correlationID: String) {
        self.key = key
        self.value = value
        self.correlationID = correlationID
    }

    /// Reads a reply.
    ///
    /// - Throws: ``JSONError`` when the bytes are not one.
    init(in bytes: Bytes) throws {
        let fields = try JSON.decode(Fields.self, from: bytes)
        self.init(value: bytes[fields.value], correlationID: fields.correlationID)
    }

    /// The reply as Faust writes it.
    func encoded() throws -> Bytes {
        var writer = JSONWriter(capacity: value.count + 160)
        writer.beginObject()
        writer.field("\"key\":")
        if let key, let text = key.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) {
            writer.write(text)
        } else {
            writer.writeNull()
        }
        writer.field("\"value\":")
        writer.writeRaw(value)
        writer.field("\"correlation_id\":")
        writer.write(correlationID)
        writer.writeNamespace(ReplyWords.response)
        writer.endObject()
        return try writer.finish()
    }

    private struct Fields: JSONDecodable {
        let value: Range<Int>
        let correlationID: String
        private static let table = JSONFieldTable(["key", "value", "correlation_id"])

        init(from reader: inout JSONReader) throws(JSONError) {
            var value: Range<Int>?
            var correlationID: String?
            try reader.beginObject()
            loop: while true {
                switch try reader.nextField(of: Self.table) {
                case 0: try reader.skipValue()
                case 1: value = try reader.readRawValue()
                case 2: correlationID = try reader.readString()
                default: break loop
                }
            }
            self.value = try RecordSupport.require(value, "value", in: reader)
            self.correlationID = try RecordSupport.require(correlationID, "correlation_id", in: reader)
        }
    }
}

/// Why there is no reply, as the agent's worker has put it into one.
struct ReplyFailure: Sendable {
    /// The kind of the error: a ``FaustError/Code``.
    var code: String
    var message: String
    var agent: String
    /// Whether the same request may succeed later.
    var isRetriable: Bool

    init(_ error: any Error, agent: String, isRetriable: Bool) {
        let fault = error as? FaustError
        code = fault?.code.description ?? FaustError.Code.handler.description
        message = String("\(error)".prefix(1_000))
        self.agent = agent
        self.isRetriable = isRetriable
    }

    /// The value of the reply.
    func encoded() throws -> Bytes {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("\"code\":")
        writer.write(code)
        writer.field("\"message\":")
        writer.write(message)
        writer.field("\"agent\":")
        writer.write(agent)
        writer.field("\"is_retriable\":")
        writer.write(isRetriable)
        writer.writeNamespace(ReplyWords.failure)
        writer.endObject()
        return try writer.finish()
    }

    /// What whoever asked gets to see.
    var fault: FaustError {
        FaustError(.handler, "agent \(agent) has failed on the request: \(message)", isRetriable: isRetriable)
    }
}

extension ReplyFailure: JSONDecodable {
    private static let table = JSONFieldTable(["code", "message", "agent", "is_retriable"])

    init(from reader: inout JSONReader) throws(JSONError) {
        (code, message, agent, isRetriable) = ("", "", "", false)
        try reader.beginObject()
        while true {
            switch try reader.nextField(of: Self.table) {
            case 0: code = try reader.readString()
            case 1: message = try reader.readString()
            case 2: agent = try reader.readString()
            case 3: isRetriable = try reader.readBool()
            default: return
            }
        }
    }
}
