// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustTesting
import Logging

@testable import FaustCore

/// An app without a broker, for ``TestKit``.
func kitApp(_ name: String, partitions: Int = 1, configure: (inout Settings) -> Void = { _ in }) -> App {
    var settings = Settings(name: name)
    settings.topicPartitions = partitions
    configure(&settings)
    var stores = StoreRegistry()
    stores.register("rocksdb") { _ in throw FaustError(.storage, "there is no disk") }
    return App(settings: settings, stores: stores, logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() }) {
        _,
        _ in
        throw FaustError(.transport, "there is no broker")
    }
}
