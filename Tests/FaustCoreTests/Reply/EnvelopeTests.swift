// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Testing

@testable import FaustCore

/// The bytes are those that Faust 0.15.3 writes for its models of requests and replies.
@Suite struct EnvelopeTests {
    private let address = ReplyAddress(topic: "r", correlationID: "c")

    @Test("a request in an envelope is Faust's")
    func request() throws {
        let bytes: Bytes = #"{"value":3,"reply_to":"r","correlation_id":"c","__faust":{"ns":"@ReqRepRequest"}}"#
        #expect(try RequestEnvelope(value: "3", address: address).encoded() == bytes)
        let read = try #require(RequestEnvelope(in: bytes))
        #expect(read.value == "3" && read.address == address)
    }

    @Test("a request whose value is a model has another name, and the order of the fields does not matter")
    func modelRequest() throws {
        let model: Bytes =
            #"{"value":{"id":1,"__faust":{"ns":"shop.Order"}},"reply_to":"r","correlation_id":"c","__faust":{"ns":"faust.agents.models.ModelReqRepRequest"}}"#
        let read = try #require(RequestEnvelope(in: model))
        #expect(read.value == #"{"id":1,"__faust":{"ns":"shop.Order"}}"# && read.address == address)
        let turned: Bytes =
            #"{ "__faust": {"ns": "@ReqRepRequest"}, "correlation_id": "c", "more": [1], "reply_to": "r", "value": null }"#
        #expect(RequestEnvelope(in: turned)?.value == "null")
    }

    @Test(
        "other values are no envelopes",
        arguments: [
            "", "{", "3", "null", #""@ReqRepRequest""#, #"["@ReqRepRequest"]"#, #"{"text":"@ReqRepRequest"}"#,
            #"{"value":3,"reply_to":"r","correlation_id":"c"}"#,
            #"{"value":3,"reply_to":"r","__faust":{"ns":"@ReqRepRequest"}}"#,
            #"{"value":3,"reply_to":7,"correlation_id":"c","__faust":{"ns":"@ReqRepRequest"}}"#,
            #"{"value":3,"reply_to":"r","correlation_id":"c","__faust":{"ns":"my@ReqRepRequest"}}"#,
            #"{"value":3,"reply_to":"r","correlation_id":"c","__faust":{"ns":"@ReqRepRequest"}"#,
            #"{"value":3,"reply_to":"r","correlation_id":"c","__faust":"@ReqRepRequest"}"#,
        ]
    )
    func others(text: String) {
        #expect(RequestEnvelope(in: Bytes(text)) == nil)
    }

    @Test("a reply is Faust's")
    func reply() throws {
        let bytes: Bytes =
            #"{"key":"k","value":[1,2],"correlation_id":"c","__faust":{"ns":"@ReqRepResponse"}}"#
        #expect(try ReplyEnvelope(key: "k", value: "[1,2]", correlationID: "c").encoded() == bytes)
        let read = try ReplyEnvelope(in: bytes)
        #expect(read.value == "[1,2]" && read.correlationID == "c")
        let none = try ReplyEnvelope(key: [0xFF], value: "null", correlationID: "c").encoded()
        #expect(none == #"{"key":null,"value":null,"correlation_id":"c","__faust":{"ns":"@ReqRepResponse"}}"#)
        for text in ["", "3", "{}", #"{"value":3}"#, #"{"correlation_id":"c"}"#, #"{"value":3,"correlation_id":4}"#] {
            #expect(throws: (any Error).self) { try ReplyEnvelope(in: Bytes(text)) }
        }
    }

    @Test("a failure travels as an object that tells its kind")
    func failure() throws {
        let error = FaustError(.decode, "no number")
        let bytes = try ReplyFailure(error, agent: "adder", isRetriable: true).encoded()
        #expect(
            String(bytes)
                == #"{"code":"decode","message":"decode: no number","agent":"adder","is_retriable":true,"__faust":{"ns":"@ReplyError"}}"#
        )
        let read = try JSON.decode(ReplyFailure.self, from: bytes).fault
        #expect(read.code == .handler && read.isRetriable && read.message.contains("adder"))
    }

    @Test("headers come before the envelope")
    func headers() throws {
        var headers = Headers()
        address.add(to: &headers)
        #expect(headers["Faust-Ag-ReplyTo"] == "r" && headers["Faust-Ag-CorrelationId"] == "c")
    }
}
