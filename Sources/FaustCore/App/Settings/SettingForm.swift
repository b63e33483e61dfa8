// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// How values of a setting are read from text, written as text and checked.
struct SettingForm<Value: Sendable>: Sendable {
    /// What values look like, for people.
    var text: String
    var parse: @Sendable (String) throws(FaustError) -> Value
    var format: @Sendable (Value) -> String
    /// Why a value can't be used.
    var fault: @Sendable (Value) -> String? = { _ in nil }
    var isSecret = false

    /// The same for a setting that may be absent.
    var optional: SettingForm<Value?> {
        let (parse, format, fault) = (parse, format, fault)
        return SettingForm<Value?>(
            text: text,
            parse: { text throws(FaustError) in .some(try parse(text)) },
            format: { $0.map(format) ?? "none" },
            fault: { $0.flatMap(fault) },
            isSecret: isSecret
        )
    }
}

extension SettingForm where Value == Bool {
    static let boolean = SettingForm(text: "true or false", parse: SettingText.boolean) { "\($0)" }
}

extension SettingForm where Value == Int {
    /// A whole number in a range.
    static func integer(_ range: ClosedRange<Int>, unit: String? = nil) -> SettingForm {
        let bounds =
            range.upperBound == .max ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
        let text = "\(unit ?? "number"), \(bounds)"
        return SettingForm(
            text: text,
            parse: { text throws(FaustError) in
                guard let number = Int(text) else { throw FaustError(.configuration, "not a whole number") }
                return number
            },
            format: { "\($0)" },
            fault: { range.contains($0) ? nil : "must be \(bounds)" }
        )
    }
}

extension SettingForm where Value == Duration {
    /// A duration in seconds.
    static let seconds = duration("seconds", attosecondsPerUnit: 1_000_000_000_000_000_000)
    /// A duration of which text without a unit gives milliseconds.
    static let milliseconds = duration("milliseconds", attosecondsPerUnit: 1_000_000_000_000_000)

    private static func duration(_ unit: String, attosecondsPerUnit: Int64) -> SettingForm {
        SettingForm(
            text: "\(unit), 0 or more",
            parse: { text throws(FaustError) in
                try SettingText.duration(text, attosecondsPerUnit: attosecondsPerUnit)
            },
            format: SettingText.format,
            fault: { $0 < .zero ? "must not be negative" : nil }
        )
    }
}

extension SettingForm where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One of the cases of an enumeration, by its raw value.
    static func choice(aliases: [String: Value] = [:]) -> SettingForm {
        let names = Value.allCases.map(\.rawValue) + aliases.keys.sorted()
        let text = names.joined(separator: ", ")
        return SettingForm(
            text: text,
            parse: { text throws(FaustError) in
                let name = text.lowercased()
                guard let value = Value(rawValue: name) ?? aliases[name] else {
                    throw FaustError(.configuration, "must be one of \(names.joined(separator: ", "))")
                }
                return value
            },
            format: { $0.rawValue }
        )
    }
}

extension SettingForm where Value == String {
    /// A text that is not empty.
    static let text = SettingForm(text: "text", parse: { $0 }, format: { $0 }, fault: { $0.isEmpty ? "is empty" : nil })

    /// A text with placeholders.
    static func template(_ placeholders: [String]) -> SettingForm {
        SettingForm(
            text: "text with " + placeholders.map { "{\($0)}" }.joined(separator: ", "),
            parse: { $0 },
            format: { $0 },
            fault: { text in
                let unknown = Template(text).placeholders.first { !placeholders.contains($0) }
                return unknown.map { "{\($0)} is unknown, there are \(placeholders.joined(separator: ", "))" }
                    ?? (text.isEmpty ? "is empty" : nil)
            }
        )
    }

    /// A URL with one of the schemes, if there is a choice.
    static func url(_ schemes: [String] = []) -> SettingForm {
        SettingForm(
            text: schemes.isEmpty ? "URL" : "URL: " + schemes.map { $0 + "://" }.joined(separator: ", "),
            parse: { $0 },
            format: { $0 },
            fault: { url in
                guard let end = url.firstRange(of: "://"), end.lowerBound > url.startIndex else {
                    return "is no URL: write scheme://…"
                }
                return schemes.isEmpty || schemes.contains(url[..<end.lowerBound].lowercased())
                    ? nil : "the scheme must be one of \(schemes.joined(separator: ", "))"
            }
        )
    }

    /// A list of brokers.
    static let brokers = SettingForm(
        text: "URLs separated by ; or ,",
        parse: { $0 },
        format: { maskingPasswords(in: $0) },
        fault: { list in
            do throws(FaustError) {
                _ = try BrokerList(list)
                return nil
            } catch {
                return error.message
            }
        },
        isSecret: true
    )

    /// The name of the app.
    static let name = SettingForm(
        text: "letters, digits, ., _, -",
        parse: { $0 },
        format: { $0 },
        fault: { TopicDeclaration(name: $0, partitions: 1).fault }
    )
}

extension SettingForm where Value == BrokerProperties {
    /// Names and values; the values may be secrets.
    static let properties = SettingForm(
        text: "name=value;name=value",
        parse: { text throws(FaustError) in BrokerProperties(try SettingText.properties(text)) },
        format: { $0.values.isEmpty ? "none" : $0.description },
        fault: { $0.values.keys.contains("") ? "a name is empty" : nil },
        isSecret: true
    )
}

extension SettingForm where Value == BrokerCredentials {
    static let credentials = SettingForm(
        text: "user:password or mechanism://user:password",
        parse: { text throws(FaustError) in try BrokerCredentials(text) },
        format: { $0.description },
        isSecret: true
    )
}
