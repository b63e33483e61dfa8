// swift-tools-version: 6.2

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "faust-examples",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-faust", path: "..")
    ],
    targets: [
        .target(name: "WordCounting", swiftSettings: strict),
        .testTarget(name: "WordCountTests", dependencies: ["WordCounting"], swiftSettings: strict),
        .testTarget(
            name: "DocumentationTests",
            dependencies: [.product(name: "Faust", package: "swift-faust")],
            swiftSettings: strict
        ),
    ]
)
