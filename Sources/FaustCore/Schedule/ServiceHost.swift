// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Logging
import ServiceLifecycle

/// Runs the services of an app as one service group of its own, which stops after the app's agents.
///
/// A service of the group that the app itself may belong to would be told to stop at the same time as the app, while
/// agents still use it.
struct ServiceHost: Sendable {
    let services: [any Service]
    let patience: Duration
    let logger: Logger

    /// Runs the services until the task is cancelled; then they stop gracefully, the last one first.
    ///
    /// - Throws: What a service throws.
    func run() async throws {
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                ServiceGroupConfiguration.ServiceConfiguration(service: $0, successTerminationBehavior: .ignore)
            },
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = patience
        let group = ServiceGroup(configuration: configuration)
        // Not a child: a cancelled service has no time to stop gracefully. Detached, since a task that inherits the
        // task-local values would also inherit the order to stop that the app's own service group gives.
        let executor = Hosting.host?.executor
        let running = Task.detached(executorPreference: executor) { try await group.run() }
        try await withTaskCancellationHandler {
            try await running.value
        } onCancel: {
            // Handlers of cancellation can't wait; the value above is waited for all the same.
            Task.detached(executorPreference: executor) { await group.triggerGracefulShutdown() }
        }
    }
}
