// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension Settings {
    /// Takes over what the environment says: it beats what the program has set.
    ///
    /// `APP_ENV_PREFIX` beats ``envPrefix``; with a prefix such as `ORDERS`, `ORDERS_BROKER_URL` counts and `BROKER_URL`
    /// does not. An empty variable counts as false for a setting that is true or false, and as not set for all others.
    ///
    /// A setting that may hold a password can be kept in a file: `BROKER_CREDENTIALS_FILE` names the file that has what
    /// would be in `BROKER_CREDENTIALS`, as container platforms mount secrets. The variable itself counts if both are set.
    ///
    /// - Parameters:
    ///   - environment: The variables; pass `ProcessInfo.processInfo.environment`.
    ///   - readFile: Returns the text of the file at a path; without it, variables that name files are refused.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` that names every variable that can't be
    ///   used; the settings are unchanged then.
    public mutating func applyEnvironment(
        _ environment: [String: String],
        readFile: ((String) throws -> String)? = nil
    ) throws(FaustError) {
        var changed = self
        var faults: [String] = []
        if let prefix = environment["APP_ENV_PREFIX"], !prefix.isEmpty { changed.envPrefix = prefix }
        for row in Self.descriptions where row.name != "env_prefix" {
            let names = row.environmentVariables.map { changed.environmentVariable($0) }
            let isFlag = row.form == SettingForm<Bool>.boolean.text
            let name = names.first { environment[$0].map { isFlag || !$0.isEmpty } ?? false }
            do throws(FaustError) {
                if let name, let text = environment[name] {
                    try row.set(text, in: &changed)
                } else if row.isSecret, let text = try Self.secret(of: names, environment, readFile) {
                    try row.set(text, in: &changed)
                }
            } catch {
                faults.append("\(name ?? names[0]): \(error.message)")
            }
        }
        guard faults.isEmpty else {
            throw FaustError(
                .configuration,
                "environment variables that can't be used: \(faults.joined(separator: "; "))"
            )
        }
        self = changed
    }

    /// The text of the file that an environment variable names, without the line break at its end.
    private static func secret(
        of names: [String],
        _ environment: [String: String],
        _ readFile: ((String) throws -> String)?
    ) throws(FaustError) -> String? {
        let variables = names.map { "\($0)_FILE" }
        guard let path = variables.lazy.compactMap({ environment[$0] }).first(where: { !$0.isEmpty }) else {
            return nil
        }
        guard let readFile else { throw FaustError(.configuration, "the file \(path) can't be read here") }
        do {
            let text = try readFile(path)
            return text.last?.isNewline == true ? String(text.dropLast()) : text
        } catch {
            throw FaustError(.configuration, "the file \(path) can't be read: \(error)", cause: error)
        }
    }

    /// The name of an environment variable with the prefix of the app.
    public func environmentVariable(_ name: String) -> String {
        var prefix = (envPrefix ?? "")[...]
        while prefix.last == "_" { prefix.removeLast() }
        return prefix.isEmpty ? name : "\(prefix)_\(name)"
    }

    /// Sets a setting by name, as for a command-line option or a line of a configuration file.
    ///
    /// - Parameters:
    ///   - name: Faust's name, its Swift spelling or an alias: `topic_partitions`, `topicPartitions`,
    ///     `default_partitions`.
    ///   - text: The value, as in the environment.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration``.
    public mutating func set(_ name: String, to text: String) throws(FaustError) {
        let row = Self.descriptions.first { $0.name == name || $0.property == name || $0.aliases.contains(name) }
        guard let row else { throw FaustError(.configuration, "there is no setting '\(name)'") }
        try row.set(text, in: &self)
    }

    /// Checks every setting by itself and those that have to fit together.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` that names everything that is wrong.
    public func validate() throws(FaustError) {
        var faults = Self.descriptions.compactMap { $0.fault(in: self) }
        if let fault = TopicDeclaration(name: id, partitions: 1).fault { faults.append("the app's id: \(fault)") }
        if brokerSessionTimeout > brokerRequestTimeout {
            faults.append(
                "brokerSessionTimeout (\(SettingText.format(brokerSessionTimeout))) must not be longer than"
                    + " brokerRequestTimeout (\(SettingText.format(brokerRequestTimeout)))"
            )
        }
        if brokerHeartbeatInterval >= brokerSessionTimeout {
            faults.append(
                "brokerHeartbeatInterval (\(SettingText.format(brokerHeartbeatInterval))) must be shorter than"
                    + " brokerSessionTimeout (\(SettingText.format(brokerSessionTimeout)))"
            )
        }
        if agentRestartDelay > agentRestartMaxDelay {
            faults.append("agentRestartDelay must not be longer than agentRestartMaxDelay")
        }
        guard faults.isEmpty else {
            throw FaustError(.configuration, "settings that can't be used: \(faults.joined(separator: "; "))")
        }
    }
}
