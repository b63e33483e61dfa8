// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

package import Logging

/// The properties of a client of librdkafka, in the order in which they are applied.
///
/// They come from the settings of the app and from what the driver's promises rest on; what users override comes last.
/// Neither printing nor dumping them shows a secret.
package struct KafkaProperties: Sendable {
    /// The properties, those that the user overrides last: librdkafka has several names for some properties
    /// (`linger.ms` and `queue.buffering.max.ms`), and the last one counts.
    package private(set) var properties: [KafkaProperty] = []
    /// What the user overrides although the driver's promises rest on another value.
    package private(set) var risks: [KafkaProperty] = []

    /// No properties.
    package init() {}

    /// The value of a property; `nil` leaves it to librdkafka.
    package subscript(name: String) -> String? {
        properties.last { $0.name == name }?.value
    }

    /// Adds a value that the driver's promises rest on.
    mutating func fix(_ name: String, _ value: String) {
        properties.append(KafkaProperty(name, value, .fixed))
    }

    /// Adds a value that comes from a setting.
    mutating func set(_ name: String, _ value: String, from setting: String) {
        properties.append(KafkaProperty(name, value, .setting(setting)))
    }

    /// Gives properties the values that the user names, whatever they were.
    ///
    /// - Parameter values: Values by librdkafka's names.
    package mutating func override(with values: [String: String]) {
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            let property = KafkaProperty(name, value, .override)
            if properties.contains(where: { $0.name == name && $0.origin == .fixed && $0.value != value }) {
                risks.append(property)
            }
            properties.removeAll { $0.name == name }
            properties.append(property)
        }
    }

    /// Logs a warning for each property that the driver's promises rest on and the user overrides.
    package func warnOfRisks(_ logger: Logger) {
        for risk in risks {
            logger.warning(
                "the Kafka property \(risk) overrides what the delivery of messages rests on; remove it unless you know why"
            )
        }
    }
}

extension KafkaProperties: CustomStringConvertible {
    /// The properties as `name=value`, separated by blanks; secrets are masked.
    package var description: String { properties.map(\.description).joined(separator: " ") }
}
