// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The URL of a broker taken apart: what kind of broker it is and where.
///
/// `kafka://a:9093;b` and `a:9093,b` are two hosts, the second at port 9092. `log:///var/lib/orders` and `memory://`
/// have no hosts.
public struct BrokerList: Sendable, Hashable {
    /// One host of a cluster.
    public struct Host: Sendable, Hashable, CustomStringConvertible {
        /// The name or address, without the brackets of IPv6.
        public let name: String
        /// The port, 1 to 65535.
        public let port: Int

        /// Name and port, as in `localhost:9092`.
        public var description: String { name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)" }
    }

    /// The kind of broker in lower case: `kafka`, `log`, `memory` or one of your own.
    public let scheme: String
    /// The hosts, one or more; none for the schemes `log` and `memory`.
    public let hosts: [Host]
    /// What follows the scheme's `//` for the schemes `log` and `memory`: a directory, mostly empty.
    public let path: String
    /// The name and password of the first host that has any.
    public let credentials: BrokerCredentials?

    /// Takes a list of URLs apart.
    ///
    /// - Parameter text: URLs or hosts, separated by `;` or `,`. The first scheme holds for all; without one it is
    ///   `kafka`. The port is 9092 unless given.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration`` that says which part is wrong.
    public init(_ text: String) throws(FaustError) {
        let urls = text.split { $0 == ";" || $0 == "," }.map { $0.trimmingBlanks() }.filter { !$0.isEmpty }
        guard !urls.isEmpty else { throw Self.fault("it names no broker") }
        let schemes = urls.compactMap { url in
            url.firstRange(of: "://").map { url[..<$0.lowerBound].lowercased() }
        }
        scheme = schemes.first ?? "kafka"
        if let other = schemes.first(where: { $0 != schemes[0] }) {
            throw Self.fault("it mixes the schemes \(schemes[0]) and \(other)")
        }
        if scheme == "log" || scheme == "memory" {
            guard urls.count == 1 else { throw Self.fault("\(scheme):// stands alone") }
            (hosts, path, credentials) = ([], String(Self.withoutScheme(urls[0])), nil)
            return
        }
        var hosts: [Host] = []
        var credentials: BrokerCredentials?
        for url in urls {
            var rest = Self.withoutScheme(url)
            if let at = rest.lastIndex(of: "@") {
                if credentials == nil { credentials = try BrokerCredentials(String(rest[..<at])) }
                rest = rest[rest.index(after: at)...]
            }
            hosts.append(try Self.host(rest.prefix { $0 != "/" }))
        }
        (self.hosts, path, self.credentials) = (hosts, "", credentials)
    }

    private static func withoutScheme(_ url: Substring) -> Substring {
        url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url
    }

    private static func host(_ text: Substring) throws(FaustError) -> Host {
        let name: Substring
        var port = text[text.endIndex...]
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            name = text[text.index(after: text.startIndex)..<end]
            port = text[text.index(after: end)...]
        } else {
            name = text.prefix { $0 != ":" }
            port = text[name.endIndex...]
        }
        guard !name.isEmpty else { throw fault("a host has no name") }
        guard !port.isEmpty else { return Host(name: String(name), port: 9092) }
        guard port.hasPrefix(":"), let number = Int(port.dropFirst()), (1...65_535).contains(number) else {
            throw fault("what follows the host \(name) is no port from :1 to :65535")
        }
        return Host(name: String(name), port: number)
    }

    /// The error of a list; it does not show the list, since what is misplaced in it may be a password.
    private static func fault(_ reason: String) -> FaustError {
        FaustError(
            .configuration,
            "this is no list of brokers: \(reason). Write for instance kafka://localhost:9092 or log://"
        )
    }
}

extension BrokerList: CustomStringConvertible, CustomReflectable {
    /// The URL, hosts separated by `,`, without name and password.
    public var description: String { "\(scheme)://\(path)\(hosts.map(\.description).joined(separator: ","))" }
    /// What a dump shows: no password.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}

/// A list of URLs with `***` in place of every password between a `:` and an `@`.
func maskingPasswords(in urls: String) -> String {
    var result = ""
    var rest = urls[...]
    while let end = rest.firstIndex(where: { $0 == ";" || $0 == "," }) {
        result += maskingPassword(in: rest[..<end]) + String(rest[end])
        rest = rest[rest.index(after: end)...]
    }
    return result + maskingPassword(in: rest)
}

private func maskingPassword(in url: Substring) -> String {
    guard let at = url.lastIndex(of: "@") else { return String(url) }
    let start = url.firstRange(of: "://")?.upperBound ?? url.startIndex
    guard start <= at, let colon = url[start..<at].firstIndex(of: ":") else { return String(url) }
    return url[...colon] + "***" + url[at...]
}

extension Substring {
    /// Without blanks at both ends.
    func trimmingBlanks() -> Substring {
        var result = drop(while: \.isWhitespace)
        while result.last?.isWhitespace == true { result.removeLast() }
        return result
    }
}
