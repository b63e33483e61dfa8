// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Snippets
import Testing

@Suite struct CodecTests {
    private let tea = Order(accountID: "alice", productID: "tea", amount: 2, price: 4.5)
    private let json = #"{"account_id":"alice","product_id":"tea","amount":2.0,"price":4.5}"#

    @Test func schemasWriteWhatTheTypesSay() throws {
        let (plain, _, keyless) = schemas()
        var headers = Headers()
        #expect(try plain.encodeKey("a", headers: &headers) == "a")
        #expect(try plain.encodeValue(tea, headers: &headers) == Bytes(json))
        #expect(try keyless.encodeKey(nil, headers: &headers) == nil)
    }

    @Test func aCodecStandsBehindTheSerde() throws {
        let (ofCode, ofName) = try reversedOrders()
        #expect(try ofCode.encode(tea) == Bytes(String(json.reversed())))
        #expect(try ofName.encode(tea) == ofCode.encode(tea))
        #expect(try ofName.decode(Bytes(String(json.reversed()))).productID == "tea")
    }

    @Test func theStoreOfTablesIsASetting() {
        #expect(makeAppWithStore().settings.store == "rocksdb://")
    }

    @Test func aSerdeWritesAndReadsHeaders() throws {
        let serde = versionedSerde()
        var headers = Headers()
        let bytes = try serde.encode(tea, headers: &headers)
        #expect(headers["schema"] == "2")
        #expect(try serde.decode(bytes, headers: headers).accountID == "alice")
        #expect(throws: FaustError.self) { try serde.decode(bytes, headers: Headers()) }
    }
}
