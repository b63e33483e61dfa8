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
