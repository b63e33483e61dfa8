// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

/// The version of swift-faust.
package enum LibraryVersion {
    /// The version by semantic versioning; 0.x promises nothing yet.
    package static let current = "0.1.0"
}
