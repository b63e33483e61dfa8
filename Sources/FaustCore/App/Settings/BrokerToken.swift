// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// A token that logs in to a broker: SASL's mechanism OAUTHBEARER (RFC 7628).
///
/// Neither printing nor dumping it shows the token.
public struct BrokerToken: Sendable, Hashable {
    /// The token as it is sent.
    public var value: String
    /// For how long it is valid, from now on; the next one is asked for when about 80 % of it are over.
    public var lifetime: Duration
    /// Whose token it is, for log lines.
    public var principal: String
    /// SASL extensions (KIP-342); names are letters, values printable ASCII.
    public var extensions: [String: String]

    /// A token.
    ///
    /// - Parameters:
    ///   - value: The token as it is sent, such as a JWT.
    ///   - lifetime: For how long it is valid, from now on; more than zero.
    ///   - principal: Whose token it is, for log lines.
    ///   - extensions: SASL extensions (KIP-342), such as `["logicalCluster": "lkc-1"]`.
    public init(
        _ value: String,
        lifetime: Duration,
        principal: String = "",
        extensions: [String: String] = [:]
    ) {
        self.value = value
        self.lifetime = lifetime
        self.principal = principal
        self.extensions = extensions
    }
}

extension BrokerToken: CustomStringConvertible, CustomReflectable {
    /// Whose token it is.
    public var description: String { "a token of '\(principal)'" }
    /// What a dump shows: whose token it is.
    public var customMirror: Mirror { Mirror(self, children: ["principal": principal]) }
}

/// Fetches the token that logs in to a broker; see ``Settings/brokerTokenProvider``.
public typealias BrokerTokenProvider = @Sendable () async throws -> BrokerToken
