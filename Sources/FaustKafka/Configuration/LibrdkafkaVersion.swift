// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if Kafka
import CRdKafka
package import FaustCore

/// A version of librdkafka, for banners and diagnostics.
package struct LibrdkafkaVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The number as librdkafka gives it: a byte each for major, minor, revision and pre-release, where the last is 255
    /// for the version itself.
    package let number: UInt32

    /// The version of a number of librdkafka.
    package init(number: UInt32) {
        self.number = number
    }

    /// The version that the program has been loaded with, which may be newer than the headers that it was built with.
    package static var linked: LibrdkafkaVersion {
        LibrdkafkaVersion(number: UInt32(bitPattern: rd_kafka_version()))
    }

    /// What librdkafka calls ``linked``, such as `2.0.2`; builds of its developers add where they are from.
    package static var linkedText: String {
        String(cString: rd_kafka_version_str())
    }

    /// The oldest version that the driver works with.
    package static let minimum = LibrdkafkaVersion(number: 0x0200_02FF)

    /// Refuses a version that is older than ``minimum``.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration``.
    package func check() throws(FaustError) {
        guard self < Self.minimum else { return }
        throw FaustError(
            .configuration,
            "librdkafka \(self) is too old: install version \(Self.minimum) or newer (Debian 12 has it as librdkafka1)"
        )
    }

    /// The older one comes first; a pre-release comes before its version.
    package static func < (left: LibrdkafkaVersion, right: LibrdkafkaVersion) -> Bool {
        left.number < right.number
    }

    /// Major, minor and revision, as in `2.0.2`; a pre-release has its number behind, as in `2.0.2-pre1`.
    package var description: String {
        let parts = "\(number >> 24).\(number >> 16 & 0xFF).\(number >> 8 & 0xFF)"
        let prerelease = number & 0xFF
        return prerelease == 0xFF ? parts : "\(parts)-pre\(prerelease)"
    }
}
#endif
