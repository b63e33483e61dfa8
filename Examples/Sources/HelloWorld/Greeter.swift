// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust

/// The app, declared by an initialiser, so that a test can make one as the program does.
struct Greeter {
    let app = App("hello-world")
    let greetings: Topic<Bytes?, String>

    init(output: @escaping @Sendable (String) -> Void = { print($0) }) {
        greetings = app.topic("greetings", value: String.self)
        app.agent("greet", greetings, help: "Prints every greeting.") { stream in
            for try await greeting in stream {
                output("received: \(greeting)")
            }
        }
    }
}
