// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Faust
import FaustTesting

/// Collects values from any task and says when there are enough.
final class Recorder<Value: Sendable>: Sendable {
    private let state = Watched<[Value]>([])

    var values: [Value] { state.value }

    func append(_ value: Value) { state.update { $0.append(value) } }

    /// Waits for so many values, or for the cancellation of the task.
    func wait(for count: Int) async { await wait { $0.count >= count } }

    /// Waits for values that satisfy a condition, or for the cancellation of the task.
    func wait(until condition: @escaping @Sendable ([Value]) -> Bool) async {
        _ = try? await state.wait(until: condition)
    }
}

extension App {
    /// Runs the app until a recorder has so many values.
    func run<Value>(until recorder: Recorder<Value>, has count: Int) async throws {
        try await run(until: recorder) { $0.count >= count }
    }

    /// Runs the app until what a recorder has satisfies a condition.
    func run<Value>(
        until recorder: Recorder<Value>,
        _ condition: @escaping @Sendable ([Value]) -> Bool
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.run() }
            group.addTask {
                await recorder.wait(until: condition)
                self.stop()
            }
            try await group.next()
            try await group.waitForAll()
        }
    }
}
