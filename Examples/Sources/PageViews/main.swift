// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// The example of Faust's introduction: page views come in, and are counted by URL in a table.
//
//     swift run PageViews worker
//
// The program sends itself a hundred views; send more from another terminal:
//
//     swift run PageViews send page_views '{"url": "/tea", "user": "anna"}'
//
// Stop the worker and start it again: the counts go on where they were.

import Faust

await ViewCounter(samples: 100).app.main()
