// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// What is to be known of one setting: for listings, for the documentation, and to set it by name.
public struct SettingDescription: Sendable {
    /// The name as Faust writes it: `broker_commit_interval`.
    public let name: String
    /// The name of the property of ``Settings``: `brokerCommitInterval`.
    public let property: String
    /// What the setting is about: `Broker`, `Web server`.
    public let group: String
    /// The environment variables, the first of which that is set counts; without the prefix.
    public let environmentVariables: [String]
    /// Other names that Faust has or had for it.
    public let aliases: [String]
    /// What values look like, with unit and range: `seconds, 0 or more`.
    public let form: String
    /// The default as text.
    public let defaultText: String
    /// What the setting does, in one sentence.
    public let help: String
    /// Whether the value may contain a password, so that ``text(in:)`` masks it.
    public let isSecret: Bool

    private let read: @Sendable (Settings) -> String
    private let write: @Sendable (inout Settings, String) throws(FaustError) -> Void
    private let check: @Sendable (Settings) -> String?

    init<Value>(
        _ name: String,
        _ path: any WritableKeyPath<Settings, Value> & Sendable,
        _ form: SettingForm<Value>,
        group: String,
        environment: [String],
        aliases: [String],
        defaultText: String?,
        help: String
    ) {
        self.name = name
        self.property = propertyName(of: name)
        self.group = group
        self.environmentVariables = environment
        self.aliases = aliases
        self.form = form.text
        self.defaultText = defaultText ?? form.format(Settings(name: "app")[keyPath: path])
        self.help = help
        self.isSecret = form.isSecret
        self.read = { form.format($0[keyPath: path]) }
        self.write = { settings, text throws(FaustError) in settings[keyPath: path] = try form.parse(text) }
        self.check = { form.fault($0[keyPath: path]) }
    }

    /// The value of the setting as text; passwords are masked.
    public func text(in settings: Settings) -> String {
        read(settings)
    }

    /// Sets the setting to the value of a text, as in the environment.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` that says what is expected; it never shows
    ///   the value of a secret.
    public func set(_ text: String, in settings: inout Settings) throws(FaustError) {
        var changed = settings
        do {
            try write(&changed, text)
        } catch {
            throw fault(text, error.message)
        }
        if let reason = check(changed) { throw fault(text, reason) }
        settings = changed
    }

    /// Why the value can't be used; `nil` when it can.
    func fault(in settings: Settings) -> String? {
        check(settings).map { isSecret ? "\(property): \($0)" : "\(property) is \(read(settings)): \($0)" }
    }

    private func fault(_ text: String, _ reason: String) -> FaustError {
        FaustError(.configuration, isSecret ? "\(name): \(reason)" : "\(name) '\(text)': \(reason)")
    }
}

/// The spelling of a setting in Swift.
///
/// Abbreviations are in capitals, and the type carries the unit.
private func propertyName(of name: String) -> String {
    let words = name.hasSuffix("_ms") ? name.dropLast(3) : name[...]
    let parts = words.split(separator: "_")
    return parts.enumerated()
        .map { index, part in
            switch part {
            case _ where index == 0: String(part)
            case "id", "url": part.uppercased()
            case "crcs": "CRCs"
            default: part.prefix(1).uppercased() + part.dropFirst()
            }
        }
        .joined()
}
