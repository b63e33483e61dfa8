// swift-tools-version: 6.2

import PackageDescription

// Built by scripts/fuzz only, which links libFuzzer and has the package's own targets instrumented too.
let instrumented: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
    .unsafeFlags(["-sanitize=fuzzer"]),
]

let package = Package(
    name: "faust-fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-faust", path: ".."),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
    ],
    targets: [
        .target(name: "CLibFuzz"),
        .executableTarget(
            name: "HeadersFuzzer",
            dependencies: ["CLibFuzz", .product(name: "FaustCore", package: "swift-faust")],
            swiftSettings: instrumented
        ),
        .executableTarget(
            name: "JSONFuzzer",
            dependencies: ["CLibFuzz", .product(name: "FaustCore", package: "swift-faust")],
            swiftSettings: instrumented
        ),
        .executableTarget(
            name: "LogRecoveryFuzzer",
            dependencies: [
                "CLibFuzz",
                .product(name: "FaustCore", package: "swift-faust"),
                .product(name: "FaustLog", package: "swift-faust"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: instrumented
        ),
    ]
)
