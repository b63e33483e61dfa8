// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
package import FaustCore

/// librdkafka's own object of properties, destroyed once: with this value, or by the client that has taken it over.
///
/// Every value is checked by librdkafka as it is set. What has to fit together (such as `acks` and
/// `enable.idempotence`) it checks only when a client is made of them.
package struct KafkaConfiguration: ~Copyable {
    private let pointer: OpaquePointer

    /// librdkafka's defaults.
    package init() {
        pointer = rd_kafka_conf_new()
    }

    /// librdkafka's defaults with properties applied in their order.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` for the first property that librdkafka does
    ///   not know or whose value it refuses, and for a librdkafka that is too old.
    package init(_ properties: KafkaProperties) throws(FaustError) {
        self.init()
        try LibrdkafkaVersion.linked.check()
        for property in properties.properties { try set(property) }
    }

    deinit {
        rd_kafka_conf_destroy(pointer)
    }

    /// Sets a property.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` that names the property, its value unless
    ///   that may be a secret, and what to change.
    package mutating func set(_ property: KafkaProperty) throws(FaustError) {
        guard !property.name.utf8.contains(0), !property.value.utf8.contains(0) else {
            throw Self.refusal(property, "it contains a zero byte")
        }
        let capacity = 512
        var text = [CChar](repeating: 0, count: capacity)
        switch rd_kafka_conf_set(pointer, property.name, property.value, &text, capacity) {
        case RD_KAFKA_CONF_OK:
            if let taken = value(of: property.name), Self.isMisread(property.value, as: taken) {
                throw Self.refusal(property, "it would take it for \(property.isSecret ? "something else" : taken)")
            }
        case RD_KAFKA_CONF_UNKNOWN:
            throw FaustError(
                .configuration,
                "librdkafka \(LibrdkafkaVersion.linked) knows no property '\(property.name)'. \(Self.remedy(property))"
            )
        default:
            throw Self.refusal(property, Self.string(text))
        }
    }

    /// The value of a property as librdkafka writes it; `nil` when it knows no such property or the property has no
    /// value.
    package func value(of name: String) -> String? {
        var size = 0
        guard rd_kafka_conf_get(pointer, name, nil, &size) == RD_KAFKA_CONF_OK, size > 0 else { return nil }
        var text = [CChar](repeating: 0, count: size)
        guard rd_kafka_conf_get(pointer, name, &text, &size) == RD_KAFKA_CONF_OK else { return nil }
        return Self.string(text)
    }

    /// Gives librdkafka's object away.
    ///
    /// - Returns: What `rd_kafka_new` takes over when it succeeds. When it fails, the caller has to call
    ///   `rd_kafka_conf_destroy`.
    package consuming func take() -> OpaquePointer {
        let taken = pointer
        discard self
        return taken
    }
}

extension KafkaConfiguration {
    /// Whether librdkafka, which reads numbers as C's `strtol` does, has understood another number: it takes `12abc`
    /// for 12 and 4294967297 for 1 without a word.
    private static func isMisread(_ value: String, as taken: String) -> Bool {
        guard value != taken, let number = Double(taken) else { return false }
        // A word such as `all` may stand for a number; what has digits in it must be that number.
        guard let meant = Double(value) else { return value.contains(where: \.isNumber) }
        // librdkafka prints fractions with six digits.
        return (meant - number).magnitude > 1e-5 * max(meant.magnitude, number.magnitude)
    }

    private static func refusal(_ property: KafkaProperty, _ reason: String) -> FaustError {
        var message = "librdkafka refuses \(property.isSecret ? "the value" : "'\(property.value)'")"
        message += " for the property '\(property.name)'"
        // What librdkafka says of a value mostly quotes it.
        if !property.isSecret || reason.contains("not supported in this build") {
            let line = reason.split(whereSeparator: \.isNewline).joined(separator: " ")
            message += ": \(line)"
        }
        return FaustError(.configuration, "\(message). \(remedy(property))")
    }

    private static func remedy(_ property: KafkaProperty) -> String {
        switch property.origin {
        case .setting(let name): "Change the setting \(name)."
        case .override: "Mend or remove the override; librdkafka's CONFIGURATION.md lists names and ranges."
        case .fixed: "The driver needs it: install a librdkafka of version \(LibrdkafkaVersion.minimum) or newer."
        }
    }

    /// The text of C up to its zero byte.
    private static func string(_ text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
#endif
