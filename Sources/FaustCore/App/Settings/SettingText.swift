// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Reads the texts that environment variables hold.
enum SettingText {
    /// Yes or no, in the words that Faust knows; upper and lower case are the same, and nothing at all is no.
    static func boolean(_ text: String) throws(FaustError) -> Bool {
        switch text.lowercased() {
        case "1", "true", "yes", "on": return true
        case "", "0", "false", "no", "off": return false
        default: throw FaustError(.configuration, "must be one of 1, true, yes, on, 0, false, no, off")
        }
    }

    /// Names and values as in `name=value;name=value`.
    ///
    /// In a value `\;` is a `;`; blanks around names and values are left out.
    ///
    /// - Throws: ``FaustError`` that shows no value.
    static func properties(_ text: String) throws(FaustError) -> [String: String] {
        var parts: [String] = [""]
        var isEscaped = false
        for character in text {
            if isEscaped, character != ";" { parts[parts.count - 1].append("\\") }
            if character == ";", !isEscaped {
                parts.append("")
            } else if character != "\\" || isEscaped {
                parts[parts.count - 1].append(character)
            }
            isEscaped = character == "\\" && !isEscaped
        }
        if isEscaped { parts[parts.count - 1].append("\\") }
        var result: [String: String] = [:]
        for (index, part) in parts.enumerated() where !part[...].trimmingBlanks().isEmpty {
            guard let equals = part.firstIndex(of: "=") else {
                throw FaustError(.configuration, "part \(index + 1) has no '=': write name=value;name=value")
            }
            let name = String(part[..<equals].trimmingBlanks())
            guard !name.isEmpty else { throw FaustError(.configuration, "part \(index + 1) has no name before '='") }
            guard result[name] == nil else { throw FaustError(.configuration, "'\(name)' is there twice") }
            result[name] = String(part[part.index(after: equals)...].trimmingBlanks())
        }
        return result
    }

    private static let attosecondsPerUnit: [String: Int64] = [
        "us": 1_000_000_000_000, "ms": 1_000_000_000_000_000, "s": 1_000_000_000_000_000_000,
    ]
    private static let secondsPerUnit: [String: Int64] = ["m": 60, "h": 3_600, "d": 86_400, "w": 604_800]

    /// A duration: a decimal number, alone or with one of the units us, ms, s, m, h, d, w.
    ///
    /// It is read exactly: `2.8` is 2,800 milliseconds.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - plain: What a number without a unit counts, in attoseconds.
    /// - Returns: The duration.
    /// - Throws: ``FaustError`` with code ``FaustError/Code/configuration``.
    static func duration(_ text: String, attosecondsPerUnit plain: Int64) throws(FaustError) -> Duration {
        let fault = FaustError(.configuration, "must be a number of seconds or have a unit, as in 100ms, 10s, 5m, 1h")
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text[number.endIndex...].trimmingBlanks().lowercased()
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        let decimals = parts.count == 2 ? parts[1] : ""
        guard parts.count <= 2, number.contains(where: \.isNumber), decimals.count <= 18,
            // Every unit below times ten to the twelfth stays within what a Duration holds.
            let whole = Int64(parts[0].isEmpty ? "0" : parts[0]), whole < 1_000_000_000_000,
            let fraction = Int64(decimals.isEmpty ? "0" : decimals)
        else { throw fault }
        let one: Duration
        if let attoseconds = unit.isEmpty ? plain : attosecondsPerUnit[unit] {
            one = Duration(secondsComponent: 0, attosecondsComponent: attoseconds)
        } else if let seconds = secondsPerUnit[unit] {
            one = .seconds(seconds)
        } else {
            throw fault
        }
        let scale = decimals.reduce(Int64(1)) { product, _ in product * 10 }
        return one * whole + one * fraction / scale
    }

    /// A duration in seconds, as ``duration(_:attosecondsPerUnit:)`` reads it: `2.8s`.
    static func format(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        guard attoseconds != 0 else { return "\(seconds)s" }
        var digits = String(attoseconds.magnitude)
        digits = String(repeating: "0", count: 18 - digits.count) + digits
        while digits.last == "0" { digits.removeLast() }
        return "\(duration < .zero ? "-" : "")\(seconds.magnitude).\(digits)s"
    }
}
