// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

public import FaustCore

/// The behaviour of a ``Store``, stated as checks that every store passes unchanged.
///
/// ```swift
/// @Test(arguments: StoreConformance.checks)
/// func conforms(_ check: StoreConformance.Check) throws {
///     try StoreConformance(isDurable: false) { _ in MemoryStore() }.run(check)
/// }
/// ```
///
/// Each check opens stores under names of its own and destroys them at its end.
public struct StoreConformance: Sendable {
    /// One demand on a store.
    public struct Check: Sendable, Hashable, CustomStringConvertible {
        /// What is demanded, as a sentence; no two checks have the same.
        public let name: String
        /// The name.
        public var description: String { name }
    }

    /// All checks, in an order that goes from the simple to the involved.
    public static let checks: [Check] = definitions.map { Check(name: $0.name) }

    private let isDurable: Bool
    private let open: @Sendable (String) throws -> any Store

    /// A suite for a kind of store.
    ///
    /// - Parameters:
    ///   - isDurable: Whether a store keeps its entries when it is closed and opened again under the same name.
    ///   - open: Opens the store of a name, which is made of letters, digits and dashes; empty if there was none.
    public init(isDurable: Bool, open: @escaping @Sendable (_ name: String) throws -> any Store) {
        self.isDurable = isDurable
        self.open = open
    }

    /// Runs a check; one that asks for durability passes without being run for a store that is not durable.
    ///
    /// - Throws: ``ConformanceFailure`` when the store does not behave as demanded, and what it throws itself.
    public func run(_ check: Check) throws {
        guard let definition = Self.definitions.first(where: { $0.name == check.name }) else {
            throw ConformanceFailure(check: check.name, message: "there is no such check", file: #fileID, line: #line)
        }
        if definition.needsDurability, !isDurable { return }
        let rig = StoreRig(check: check.name, open: open)
        do {
            try definition.body(rig)
        } catch {
            rig.finish()
            throw error
        }
        rig.finish()
    }
}

extension StoreConformance {
    /// A check together with its code.
    struct Definition: Sendable {
        let name: String
        var needsDurability = false
        let body: @Sendable (StoreRig) throws -> Void
    }

    static let definitions: [Definition] = StoreEntryChecks.all + StoreRangeChecks.all + StoreLifeChecks.all
}
