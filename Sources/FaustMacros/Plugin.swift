import SwiftCompilerPlugin
import SwiftSyntaxMacros

@main
struct FaustMacrosPlugin: CompilerPlugin {
    let providingMacros: [any Macro.Type] = []
}
