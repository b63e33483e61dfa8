// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

// The C library's `stdout` is a variable that nobody changes; the import is marked so that it may be read.
#if canImport(Glibc)
@preconcurrency import Glibc
#elseif canImport(Musl)
@preconcurrency import Musl
#elseif canImport(Darwin)
@preconcurrency import Darwin
#endif

extension StandardOutput {
    /// Makes `print` write out every line, also into files and pipes, where the C library would wait for some kilobytes.
    ///
    /// What an agent prints is then seen as it comes, and is not lost when the process is killed.
    package static func flushEveryLine() {
        setvbuf(stdout, nil, _IOLBF, 0)
    }
}
