// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore
import Synchronization

/// What a check of ``StoreConformance`` works with.
final class StoreRig: Sendable {
    private let check: String
    private let opener: @Sendable (String) throws -> any Store
    private let opened = Mutex<[any Store]>([])

    init(check: String, open: @escaping @Sendable (String) throws -> any Store) {
        self.check = check
        self.opener = open
    }

    /// Opens the store of the check, or another one.
    func open(_ suffix: String = "") throws -> any Store {
        let letters = check.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "-" }.joined()
        let store = try opener(letters + suffix)
        opened.withLock { $0.append(store) }
        return store
    }

    /// Removes the stores of the check.
    func finish() {
        for store in opened.withLock({ $0 }) {
            // A store that was closed by the check may refuse; what it has left is the caller's to remove.
            try? store.destroy()
        }
    }

    func expect(_ condition: Bool, _ message: @autoclosure () -> String, file: String = #fileID, line: Int = #line)
        throws
    {
        if condition { return }
        throw ConformanceFailure(check: check, message: message(), file: file, line: line)
    }

    func expectEqual<Value: Equatable>(
        _ found: Value,
        _ expected: Value,
        _ what: String,
        file: String = #fileID,
        line: Int = #line
    ) throws {
        try expect(found == expected, "\(what): expected \(expected), found \(found)", file: file, line: line)
    }

    func expectClosed(_ what: String, file: String = #fileID, line: Int = #line, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as FaustError where error.code == .closed {
            return
        }
        try expect(false, "\(what) of a closed store did not throw", file: file, line: line)
    }
}

extension Store {
    /// Makes some changes in one batch.
    func change(_ body: (inout StoreBatch) -> Void) throws {
        var batch = StoreBatch()
        body(&batch)
        try apply(batch)
    }

    /// All entries as texts.
    func allTexts(in range: StoreRange = .all) throws -> [String] {
        try entries(in: range, limit: .max).map { "\($0.key)=\($0.value)" }
    }
}
