// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

#if FAUST_TSAN
import FaustCore

/// The mutex of builds for the thread sanitizer; see ``SanitizedMutex``.
typealias Mutex<Value: ~Copyable> = SanitizedMutex<Value>
#endif
