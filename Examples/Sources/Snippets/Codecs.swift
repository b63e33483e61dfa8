// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust

/// Values are JSON unless the topic names other serdes and codecs.
public func chooseCodecs(in app: App, _ output: @escaping Output) -> Topic<Int, Order> {
    let orders = app.topic(
        "compressed-orders",
        schema: Schema(key: Serde<Int>.bigEndian, value: Serde<Order>.json | .binary)
    )
    app.agent("compressed", orders) { stream in
        for try await event in stream.events() {
            output("\(event.message.key.map { Array($0) } ?? []) \(event.value.productID)")
        }
    }
    return orders
}

/// A schema is made of types, or of serdes with codecs behind them.
public func schemas() -> (plain: Schema<String, Order>, zipped: Schema<String, Order>, keyless: Schema<Bytes?, Order>) {
    let plain = Schema(key: String.self, value: Order.self)  // each type brings its own form
    let zipped = Schema(key: .string, value: Serde<Order>.json | .gzip)  // or a serde is named
    let keyless = Schema(value: Order.self)  // keys are of no interest: any bytes, or null
    return (plain, zipped, keyless)
}

/// A codec of one's own, registered so that its name can be used too.
public func reversedOrders() throws -> (ofCode: Serde<Order>, ofName: Serde<Order>) {
    struct Reversed: Codec {
        let name = "reversed"
        func encode(_ bytes: Bytes) throws -> Bytes { Bytes(bytes.reversed()) }
        func decode(_ bytes: Bytes) throws -> Bytes { Bytes(bytes.reversed()) }
    }
    var codecs = CodecRegistry()
    codecs.register(Reversed())
    return (.json | Reversed(), try .named("json|reversed", in: codecs))
}

/// A serde that writes and reads a header.
public func versionedSerde() -> Serde<Order> {
    let versioned = Serde<Order>(
        "versioned",
        encodeWithHeaders: { order, headers in
            headers["schema"] = "2"
            return try JSON.encode(order)
        },
        decodeWithHeaders: { bytes, headers in
            guard let bytes, headers["schema"] == "2" else { throw FaustError(.decode, "not of schema 2") }
            return try JSON.decode(Order.self, from: bytes)
        }
    )
    return versioned
}
