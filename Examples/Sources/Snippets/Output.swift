// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// Where a snippet puts what a program would print.
public typealias Output = @Sendable (String) -> Void
