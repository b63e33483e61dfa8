// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// Players score points; the table of the best is shown whenever it has changed.
//
//     swift run LeaderBoard worker
//
// The program sends itself a hundred scores; send more from another terminal:
//
//     swift run LeaderBoard send scores 250 -k dora
//
// Stop the worker and start it again: nobody has lost a point.

import Faust

await Game(samples: 100).app.main()
