// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// Faust's classic example: withdrawals come in, large ones are reported, and each country's total is kept.
//
//     swift run Withdrawals worker
//
// The program sends itself a thousand withdrawals; send more from another terminal:
//
//     swift run Withdrawals send withdrawals -k bob \
//         '{"account": "bob", "amount": 9900, "country": "SE", "date": "2026-11-21T08:00:00Z"}'

import Faust

await Bank(samples: 1_000).app.main()
