// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

extension Settings {
    /// The identity of the app: its consumer group, and what the names of its internal topics start with.
    ///
    /// The name, or with a version above 1 what ``idFormat`` makes of it.
    public var id: String {
        guard version > 1 else { return name }
        return Template(idFormat).filled(with: ["id": name, "version": "\(version)", "self.version": "\(version)"])
    }

    /// The directory of everything that the app keeps: ``datadir`` with its placeholders filled in.
    public var dataDirectory: String {
        Template(datadir).filled(with: ["conf.name": name, "conf.id": id, "conf.version": "\(version)"])
    }

    /// The directory of what belongs to this version of the app: `v1` in ``dataDirectory``.
    public var appdir: String {
        appdir(ofVersion: version)
    }

    /// The directory of what belongs to a version of the app.
    public func appdir(ofVersion version: Int) -> String {
        "\(dataDirectory)/v\(version)"
    }

    /// The directory of the tables: ``tabledir``, in ``appdir`` when it is relative.
    public var tableDirectory: String {
        tabledir.hasPrefix("/") ? tabledir : "\(appdir)/\(tabledir)"
    }

    /// The directory of the embedded log when ``broker`` names none: `log` in ``dataDirectory``.
    ///
    /// It is the same for every version of the app, since topics outlive versions.
    public var logDirectory: String {
        "\(dataDirectory)/log"
    }

    /// The identity under which the worker's transactions are fenced.
    ///
    /// It is that of the worker, not of its partitions: who may commit the offsets of a partition is checked by the
    /// group. A worker with a ``consumerGroupInstanceID`` has the same one after a restart, and ends at once what a
    /// crashed run of it has left open; without, every run has its own, and the broker ends an open transaction after
    /// its time-out.
    var transactionalID: String { "\(id)-\(consumerGroupInstanceID ?? instance)" }

    /// How long a rebalance, a shutdown or a transaction's commit waits for events in hand.
    ///
    /// Half of what the group allows, so that the commit still finds the membership in force; and a fifth of what a
    /// shutdown may take is left for the commit and for leaving the group.
    var drainTimeout: Duration { min(brokerRebalanceTimeout / 2, shutdownTimeout * 4 / 5) }

    /// The broker's URL taken apart.
    ///
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` when ``broker`` is no list of URLs.
    public func brokers() throws(FaustError) -> BrokerList {
        try BrokerList(broker)
    }
}

extension Settings {
    /// Faust's older name of ``brokerClientID``.
    @available(*, deprecated, renamed: "brokerClientID")
    public var clientID: String {
        get { brokerClientID }
        set { brokerClientID = newValue }
    }

    /// Faust's older name of ``brokerCommitInterval``.
    @available(*, deprecated, renamed: "brokerCommitInterval")
    public var commitInterval: Duration {
        get { brokerCommitInterval }
        set { brokerCommitInterval = newValue }
    }

    /// Faust's older name of ``replyCreateTopic``.
    @available(*, deprecated, renamed: "replyCreateTopic")
    public var createReplyTopic: Bool {
        get { replyCreateTopic }
        set { replyCreateTopic = newValue }
    }

    /// Faust's older name of ``tableStandbyReplicas``.
    @available(*, deprecated, renamed: "tableStandbyReplicas")
    public var numStandbyReplicas: Int {
        get { tableStandbyReplicas }
        set { tableStandbyReplicas = newValue }
    }

    /// Faust's older name of ``topicPartitions``.
    @available(*, deprecated, renamed: "topicPartitions")
    public var defaultPartitions: Int {
        get { topicPartitions }
        set { topicPartitions = newValue }
    }

    /// Faust's older name of ``topicReplicationFactor``.
    @available(*, deprecated, renamed: "topicReplicationFactor")
    public var replicationFactor: Int {
        get { topicReplicationFactor }
        set { topicReplicationFactor = newValue }
    }
}

/// A text with placeholders in braces.
struct Template {
    private enum Part {
        case text(Substring)
        case placeholder(Substring)
    }

    private let parts: [Part]

    init(_ text: String) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            parts.append(.text(rest[..<open]))
            parts.append(.placeholder(rest[rest.index(after: open)..<close]))
            rest = rest[rest.index(after: close)...]
        }
        parts.append(.text(rest))
        self.parts = parts
    }

    /// The names in braces.
    var placeholders: [String] {
        parts.compactMap { part in
            if case .placeholder(let name) = part { String(name) } else { nil }
        }
    }

    /// The text with the values in place of their names; a name without a value stays as it is.
    func filled(with values: [String: String]) -> String {
        parts.map { part in
            switch part {
            case .text(let text): String(text)
            case .placeholder(let name): values[String(name)] ?? "{\(name)}"
            }
        }
        .joined()
    }
}
