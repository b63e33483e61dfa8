// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust

let app = App("hello-world")
let greetings = app.topic("greetings", value: String.self)

app.agent("greet", greetings, help: "Prints every greeting.") { stream in
    for try await greeting in stream {
        print("received: \(greeting)")
    }
}

await app.main()
