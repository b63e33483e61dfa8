// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import Foundation

extension TimeZone {
    /// The time zone of a name of the IANA database, such as `Europe/Berlin`.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` when there is none of that name.
    static func named(_ name: String) throws(FaustError) -> TimeZone {
        // FoundationEssentials knows no names: the data of the zones is in Foundation.
        guard let zone = TimeZone(identifier: name) else {
            throw FaustError(
                .configuration,
                "there is no time zone '\(name)': give a name of the IANA database, such as Europe/Berlin or UTC"
            )
        }
        return zone
    }
}
