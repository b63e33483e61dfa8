// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Collects the rows of a group.
struct SettingRows {
    private let group: String
    private var descriptions: [SettingDescription] = []

    init(_ group: String) {
        self.group = group
    }

    func rows(_ build: (inout SettingRows) -> Void) -> [SettingDescription] {
        var copy = self
        build(&copy)
        return copy.descriptions
    }

    mutating func add<Value>(
        _ name: String,
        _ path: any WritableKeyPath<Settings, Value> & Sendable,
        _ form: SettingForm<Value>,
        _ environment: String?...,
        aliases: [String] = [],
        default defaultText: String? = nil,
        help: String
    ) {
        descriptions.append(
            SettingDescription(
                name,
                path,
                form,
                group: group,
                environment: environment.compactMap(\.self),
                aliases: aliases,
                defaultText: defaultText,
                help: help
            )
        )
    }
}
