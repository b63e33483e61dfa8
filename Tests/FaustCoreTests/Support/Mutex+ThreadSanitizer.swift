// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if FAUST_TSAN
@testable import FaustCore

/// The tests lock with what the thread sanitizer sees, too.
typealias Mutex = FaustCore.Mutex
#endif
