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
        .package(name: "swift-faust", path: ".."),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
    ],
    targets: [
        .executableTarget(
            name: "AskBenchmark",
            dependencies: [.product(name: "Faust", package: "swift-faust")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "EventPathBenchmark",
            dependencies: [.product(name: "Faust", package: "swift-faust")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "GroupByBenchmark",
            dependencies: [.product(name: "Faust", package: "swift-faust")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "JoinBenchmark",
            dependencies: [.product(name: "Faust", package: "swift-faust")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "KafkaBenchmark",
            dependencies: [.product(name: "Faust", package: "swift-faust")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "LogBenchmark",
            dependencies: [
                .product(name: "FaustCore", package: "swift-faust"),
                .product(name: "FaustLog", package: "swift-faust"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "RecordBenchmark",
            dependencies: [.product(name: "Faust", package: "swift-faust")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "TableBenchmark",
            dependencies: [
                .product(name: "Faust", package: "swift-faust"),
                .product(name: "FaustLog", package: "swift-faust"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "TableSoak",
            dependencies: [.product(name: "Faust", package: "swift-faust")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "WindowBenchmark",
            dependencies: [.product(name: "Faust", package: "swift-faust")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "WordCountBenchmark",
            dependencies: [.product(name: "Faust", package: "swift-faust")],
            swiftSettings: strict
        ),
    ]
)
