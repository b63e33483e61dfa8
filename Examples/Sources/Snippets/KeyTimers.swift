// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import Faust

/// What somebody has put into a cart.
@Record
public struct Cart {
    /// How many things.
    public var items: Int
    /// Whether they are paid.
    public var isPaid: Bool = false
}

/// Reminds of carts that were left for an hour.
public func remindOfCarts(
    in app: App
) -> (carts: Topic<String, Cart>, mails: Topic<String, String>, counts: Table<String, Int>) {
    let carts = app.topic("carts", key: String.self, value: Cart.self)
    let mails = app.topic("mails", key: String.self, value: String.self)
    let counts = app.table("reminder-counts", key: String.self, default: 0)

    let reminders = app.keyTimers("reminders", key: String.self, payload: Cart.self) { due in
        try await mails.post("\(due.key), \(due.payload.items) items wait for you", key: due.key)
        counts[due.key] += 1
    }
    app.agent("carts", carts) { stream in
        for try await (account, cart) in stream.items() {
            if cart.isPaid {
                try reminders.cancel(account)
            } else {
                try reminders.set(cart, for: account, after: .seconds(3_600))
            }
        }
    }
    return (carts, mails, counts)
}

/// Tells of sensors that have sent nothing for a minute.
public func watchSensors(in app: App, _ output: @escaping Output) -> Topic<String, Double> {
    let readings = app.topic("readings", key: String.self, value: Double.self)

    let timeouts = app.keyTimers("timeouts", key: String.self, time: .event) { due in
        output("\(due.key) was silent at \(due.time.milliseconds)")
    }
    app.agent("sensors", readings) { stream in
        for try await (sensor, _) in stream.items() { try timeouts.set(for: sensor, after: .seconds(60)) }
    }
    return readings
}
