// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import Foundation

// Decoding and encoding of a small record: the code that @Record generates, our own coder for plain Codable types, and
// Foundation's coders, in one run. CPU time of the best of five rounds.

@Record
struct Order: Codable {
    var accountID: String
    var productID: String
    var amount: Int
    var price: Double

    enum CodingKeys: String, CodingKey {
        case accountID = "account_id"
        case productID = "product_id"
        case amount, price
    }
}

let text = #"{"account_id":"a-02","product_id":"p2","amount":9,"price":6.3}"#
let bytes = Bytes(text)
let data = Data(text.utf8)
let order = try JSON.decode(Order.self, from: bytes)

func cpuNanoseconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func nanoseconds(_ time: timeval) -> Double { Double(time.tv_sec) * 1e9 + Double(time.tv_usec) * 1e3 }
    return nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime)
}

/// Prints the CPU time of one call.
func measure(_ name: String, rounds: Int = 1_000_000, _ body: () throws -> Int) rethrows {
    var best = Double.infinity
    var sum = 0
    for _ in 0..<5 {
        let start = cpuNanoseconds()
        for _ in 0..<rounds { sum &+= try body() }
        best = min(best, (cpuNanoseconds() - start) / Double(rounds))
    }
    precondition(sum != 0, "the work was not done")
    print(name.padding(toLength: 34, withPad: " ", startingAt: 0), String(format: "%8.1f ns CPU", best))
}

print("an order of \(bytes.count) bytes")
try measure("decode, @Record") { try JSON.decode(Order.self, from: bytes).amount }
try measure("encode, @Record") { try JSON.encode(order).count }
try measure("decode, Codable, own coder", rounds: 200_000) { try JSON.decode(codable: Order.self, from: bytes).amount }
try measure("encode, Codable, own coder", rounds: 200_000) { try JSON.encode(codable: order).count }
let decoder = JSONDecoder()
let encoder = JSONEncoder()
try measure("decode, Codable, Foundation", rounds: 100_000) { try decoder.decode(Order.self, from: data).amount }
try measure("encode, Codable, Foundation", rounds: 100_000) { try encoder.encode(order).count }
