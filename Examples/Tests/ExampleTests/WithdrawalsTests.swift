// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustTesting
import Foundation
import Testing

@testable import Withdrawals

@Suite(.timeLimit(.minutes(5))) struct WithdrawalsTests {
    private let lines = Lines()

    @Test func largeWithdrawalsAreReported() async throws {
        let bank = Bank(samples: 0) { [lines] in lines.append($0) }
        try await bank.app.test { kit in
            for (account, amount) in [("bob", 9_900.0), ("eve", 9_901), ("bob", 20_000)] {
                let withdrawal = Withdrawal(
                    account: account,
                    amount: amount,
                    country: "NO",
                    date: Date(timeIntervalSince1970: 0)
                )
                try await kit.send(withdrawal, key: account, to: bank.withdrawals)
            }
            try await kit.settle()
            #expect(lines.all.sorted() == ["large: bob took 20000.0 in NO", "large: eve took 9901.0 in NO"])
        }
    }

    @Test(
        "the thousand withdrawals of the program are summed up, in whatever order they come",
        arguments: 0..<5 as Range<UInt64>
    )
    func samples(seed: UInt64) async throws {
        let bank = Bank(samples: 1_000) { [lines] in lines.append($0) }
        try await bank.app.test(seed: seed) { kit in
            try await kit.settle()
            #expect(try await kit.committed(of: bank.withdrawals).values.reduce(0, +) == 1_000)
        }
        let last = try #require(lines.all.last { $0.hasPrefix("after 1000 withdrawals") })
        #expect(last.hasPrefix("after 1000 withdrawals: DE "))
        let large = Withdrawal.samples(1_000).filter { $0.amount > 9_900 }
        #expect(lines.all.filter { $0.hasPrefix("large") }.count == large.count)
    }
}
