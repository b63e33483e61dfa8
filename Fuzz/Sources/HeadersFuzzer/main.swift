// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import CLibFuzz
import FaustCore
import Foundation

// Headers come from a disk or from another process: whatever the bytes are, reading them does not trap, and what was
// read is read again the same after it was written.
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
let status = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
    let headers = HeaderLayout.decode(Bytes(UnsafeBufferPointer(start: data, count: size)))
    var written: [UInt8] = []
    HeaderLayout.encode(headers, into: &written)
    precondition(written.count == HeaderLayout.encodedCount(headers), "the size differs from what was announced")
    precondition(HeaderLayout.decode(Bytes(written)) == headers, "the headers differ after a round trip")
    return 0
}
exit(status)
