// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// `import Faust` is all that a program needs: the engine, the codecs and the command line come along.
@_exported public import FaustCLI
@_exported public import FaustCompression
@_exported public import FaustCore
