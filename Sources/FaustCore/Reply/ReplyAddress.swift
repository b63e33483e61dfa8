// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The words of Faust's protocol of requests and replies (AG17–AG19).
enum ReplyWords {
    /// The header of a request that names the topic to reply to.
    static let replyTo = "Faust-Ag-ReplyTo"
    /// The header of a request that tells it from others of the same asker.
    static let correlationID = "Faust-Ag-CorrelationId"
    /// The header of a reply that is an error; Faust has none.
    static let error = "Faust-Ag-Error"
    /// The namespace of a reply.
    static let response = "@ReqRepResponse"
    /// The namespace of a request in an envelope.
    static let request = "@ReqRepRequest"
    /// What Faust writes instead when the value is a model: its class does not name a namespace.
    static let modelRequest = "faust.agents.models.ModelReqRepRequest"
    /// The namespace of the value of a reply that is an error.
    ///
    /// Faust hands it to whoever asked as a dictionary.
    static let failure = "@ReplyError"
}

/// Where the reply to a request is to go.
struct ReplyAddress: Sendable, Hashable {
    /// The topic of the asker's replies.
    let topic: String
    /// Tells the request from others of the same asker.
    let correlationID: String

    init(topic: String, correlationID: String) {
        self.topic = topic
        self.correlationID = correlationID
    }

    /// The address in a message's headers, or else in the envelope around its value; `nil` when nobody has asked.
    init?(of message: Message) {
        let headers = message.headers
        if !headers.isEmpty, let topic = headers[ReplyWords.replyTo], let id = headers[ReplyWords.correlationID] {
            self.init(topic: String(topic), correlationID: String(id))
            return
        }
        guard let value = message.value, let envelope = RequestEnvelope(in: value) else { return nil }
        self = envelope.address
    }

    /// The headers that carry the address.
    func add(to headers: inout Headers) {
        headers[ReplyWords.replyTo] = Bytes(topic)
        headers[ReplyWords.correlationID] = Bytes(correlationID)
    }
}
