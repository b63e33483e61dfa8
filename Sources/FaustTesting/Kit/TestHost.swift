// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import FaustLog

/// What one run of a worker has around it in a test.
final class TestHost: WorkerHost {
    let life = Life()
    private let simulation: Simulation
    private let log: LogTransport
    private let disk: Disk
    private let recorder: Recorder

    init(_ simulation: Simulation, _ log: LogTransport, _ disk: Disk, _ recorder: Recorder) {
        self.simulation = simulation
        self.log = log
        self.disk = disk
        self.recorder = recorder
    }

    var executor: any TaskExecutor { simulation }

    func makeTransport() -> any Transport { SimulatedTransport(log: log, life: life) }

    func stores(insteadOf registry: StoreRegistry) -> StoreRegistry { disk.registry(insteadOf: registry) }

    func adopt(_ queue: HostedQueue) -> Int { simulation.add(queue) }
    func dismiss(_ number: Int) { simulation.remove(number) }

    func enqueue(_ job: UnownedJob, on executor: UnownedTaskExecutor, lane number: Int) {
        simulation.enqueue(job, on: executor, line: number)
    }

    // What a crashed worker still does has not happened.
    func note(_ failure: EventFailure) {
        if !life.isOver { recorder.note(failure) }
    }

    func note(_ result: any Sendable, of agent: String) {
        if !life.isOver { recorder.note(result, of: agent) }
    }
}
