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

let faust: Target.Dependency = .product(name: "Faust", package: "swift-faust")
let faustTesting: Target.Dependency = .product(name: "FaustTesting", package: "swift-faust")

let package = Package(
    name: "faust-examples",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-faust", path: ".."),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(name: "HelloWorld", dependencies: [faust], swiftSettings: strict),
        .executableTarget(name: "LeaderBoard", dependencies: [faust], swiftSettings: strict),
        .executableTarget(name: "Orders", dependencies: [faust], swiftSettings: strict),
        .executableTarget(name: "PageViews", dependencies: [faust], swiftSettings: strict),
        .executableTarget(name: "WindowedAggregation", dependencies: [faust], swiftSettings: strict),
        .executableTarget(name: "Withdrawals", dependencies: [faust], swiftSettings: strict),
        .executableTarget(name: "WordCount", dependencies: [faust, "WordCounting"], swiftSettings: strict),
        .target(name: "WordCounting", swiftSettings: strict),
        .target(
            name: "Snippets",
            dependencies: [faust, .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")],
            swiftSettings: strict
        ),
        .target(name: "BookSupport", path: "Tests/BookSupport", swiftSettings: strict),
        .testTarget(name: "WordCountTests", dependencies: ["BookSupport", "WordCounting"], swiftSettings: strict),
        .testTarget(name: "SnippetsTests", dependencies: [faust, faustTesting, "Snippets"], swiftSettings: strict),
        .testTarget(
            name: "ProgramTests",
            dependencies: [
                "BookSupport", "CrashLedger", "CrashWindows", "HelloWorld", "LeaderBoard", "Orders", "PageViews",
                "StuckWorker", "WindowedAggregation", "Withdrawals", "WordCount",
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "CrashLedger",
            dependencies: [faust],
            path: "Tests/CrashLedger",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "CrashWindows",
            dependencies: [faust],
            path: "Tests/CrashWindows",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "StuckWorker",
            dependencies: [faust],
            path: "Tests/StuckWorker",
            swiftSettings: strict
        ),
        .testTarget(
            name: "ExampleTests",
            dependencies: [
                faust, faustTesting, "BookSupport", "HelloWorld", "LeaderBoard", "PageViews", "WindowedAggregation",
                "Withdrawals", "WordCount", "WordCounting",
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "DocumentationTests", dependencies: [faust], swiftSettings: strict),
    ]
)
