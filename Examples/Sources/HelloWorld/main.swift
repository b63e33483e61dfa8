// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// Prints what is sent to it.
//
//     swift run HelloWorld worker
//
// From another terminal:
//
//     swift run HelloWorld send greetings '"hello"'

import Faust

await Greeter().app.main()
