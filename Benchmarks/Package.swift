// swift-tools-version: 6.2

import PackageDescription

/// The benchmarks are a package of their own, so that they are built in release and never with the tests.
let package = Package(
    name: "swift-faust-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-faust", path: ".."),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
    ],
    targets: [
        .executableTarget(
            name: "LogBenchmark",
            dependencies: [
                .product(name: "FaustCore", package: "swift-faust"),
                .product(name: "FaustLog", package: "swift-faust"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6)]
        )
    ]
)
