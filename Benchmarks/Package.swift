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
    name: "faust-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-faust", path: "..")
    ],
    targets: [
        .executableTarget(
            name: "EventPathBenchmark",
            dependencies: [
                .product(name: "Faust", package: "swift-faust")
            ],
            swiftSettings: strict
        )
    ]
)
