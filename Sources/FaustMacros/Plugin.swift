// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import SwiftCompilerPlugin
import SwiftSyntaxMacros

@main
struct FaustMacrosPlugin: CompilerPlugin {
    let providingMacros: [any Macro.Type] = [RecordMacro.self, FieldMacro.self]
}
