// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Takes secrets out of text that librdkafka writes.
///
/// librdkafka means to write none; this holds even where it quotes a value, such as in a debug line.
package struct KafkaSecrets: Sendable {
    private let values: [String]

    /// The secrets among properties.
    ///
    /// Those of less than four characters are left alone: they would be found everywhere.
    package init(_ properties: KafkaProperties) {
        values = properties.properties.filter { $0.isSecret && $0.value.count >= 4 }.map(\.value)
            .sorted { $0.count > $1.count }
    }

    /// The text with `***` in place of each secret.
    package func redact(_ text: String) -> String {
        values.reduce(text) { text, secret in
            text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "***")
        }
    }
}
