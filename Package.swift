// swift-tools-version: 6.2

import CompilerPluginSupport
import PackageDescription

/// scripts/tsan sets FAUST_TSAN: locks are then of a kind that the thread sanitizer sees.
let sanitized: [SwiftSetting] = Context.environment["FAUST_TSAN"] == nil ? [] : [.define("FAUST_TSAN")]

/// Every target of the project is compiled in the Swift 6 language mode with these settings.
let strict: [SwiftSetting] =
    sanitized + [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ]

/// scripts/fuzz sets FAUST_FUZZ: what parses input is then instrumented, so that libFuzzer sees which branches it takes.
let fuzzed: [SwiftSetting] =
    strict + (Context.environment["FAUST_FUZZ"] == nil ? [] : [.unsafeFlags(["-sanitize=fuzzer"])])

let package = Package(
    name: "swift-faust",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Faust", targets: ["Faust"]),
        .library(name: "FaustCore", targets: ["FaustCore"]),
        .library(name: "FaustLog", targets: ["FaustLog"]),
        .library(name: "FaustRocksDB", targets: ["FaustRocksDB"]),
        .library(name: "FaustTesting", targets: ["FaustTesting"]),
    ],
    traits: [
        .trait(name: "RocksDB", description: "Durable embedded log, kept by the system's RocksDB (librocksdb-dev)."),
        .trait(name: "Compression", description: "gzip and zstd codecs, by the system's zlib and libzstd."),
        .trait(name: "Kafka", description: "The driver for Apache Kafka, on the system's librdkafka (librdkafka-dev)."),
        .default(enabledTraits: ["RocksDB", "Compression", "Kafka"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-syntax", "600.0.1"..<"604.0.0"),
    ],
    targets: [
        .target(
            name: "Faust",
            dependencies: ["FaustCore", "FaustLog", "FaustCompression", "FaustCLI", "FaustKafka", "FaustRocksDB"],
            swiftSettings: strict
        ),
        .target(
            name: "FaustCore",
            dependencies: [
                "FaustMacros",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: fuzzed
        ),
        .macro(
            name: "FaustMacros",
            dependencies: [
                .product(name: "SwiftCompilerPlugin", package: "swift-syntax"),
                .product(name: "SwiftDiagnostics", package: "swift-syntax"),
                .product(name: "SwiftParser", package: "swift-syntax"),
                .product(name: "SwiftSyntax", package: "swift-syntax"),
                .product(name: "SwiftSyntaxBuilder", package: "swift-syntax"),
                .product(name: "SwiftSyntaxMacros", package: "swift-syntax"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "FaustLog",
            dependencies: [
                "FaustCore",
                .target(name: "RocksDB", condition: .when(traits: ["RocksDB"])),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: fuzzed
        ),
        .target(
            name: "RocksDB",
            dependencies: [.target(name: "CRocksDB", condition: .when(traits: ["RocksDB"]))],
            swiftSettings: strict
        ),
        .systemLibrary(name: "CRocksDB", providers: [.apt(["librocksdb-dev"])]),
        .target(
            name: "FaustRocksDB",
            dependencies: [
                "FaustCore",
                .target(name: "RocksDB", condition: .when(traits: ["RocksDB"])),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "FaustCompression",
            dependencies: [
                "FaustCore",
                .target(name: "CZlib", condition: .when(traits: ["Compression"])),
                .target(name: "CZstd", condition: .when(traits: ["Compression"])),
            ],
            swiftSettings: strict
        ),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
        .target(
            name: "FaustKafka",
            dependencies: [
                "FaustCore",
                .target(name: "CRdKafka", condition: .when(traits: ["Kafka"])),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .systemLibrary(name: "CRdKafka", providers: [.apt(["librdkafka-dev"])]),
        .target(
            name: "FaustCLI",
            dependencies: [
                "FaustCore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "FaustTesting",
            dependencies: [
                "FaustCore",
                "FaustLog",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FaustCoreTests",
            dependencies: [
                "FaustCore",
                "FaustLog",
                "FaustTesting",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FaustMacrosTests",
            dependencies: [
                "FaustCore",
                "FaustMacros",
                .product(name: "SwiftSyntaxMacrosGenericTestSupport", package: "swift-syntax"),
                .product(name: "SwiftSyntaxMacroExpansion", package: "swift-syntax"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FaustLogTests",
            dependencies: [
                "FaustCore",
                "FaustLog",
                "FaustTesting",
                .target(name: "RocksDB", condition: .when(traits: ["RocksDB"])),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FaustTestingTests",
            dependencies: [
                "FaustCore",
                "FaustLog",
                "FaustTesting",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RocksDBTests",
            dependencies: [.target(name: "RocksDB", condition: .when(traits: ["RocksDB"]))],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FaustRocksDBTests",
            dependencies: [
                "FaustCore",
                "FaustLog",
                "FaustRocksDB",
                "FaustTesting",
                .target(name: "RocksDB", condition: .when(traits: ["RocksDB"])),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FaustCompressionTests",
            dependencies: ["FaustCore", "FaustCompression"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FaustKafkaTests",
            dependencies: [
                "FaustCore",
                "FaustKafka",
                "FaustTesting",
                .target(name: "CRdKafka", condition: .when(traits: ["Kafka"])),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FaustIntegrationTests",
            dependencies: [
                "Faust",
                "FaustKafka",
                "FaustTesting",
                "ClusterWorker",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "ClusterWorker",
            dependencies: ["Faust"],
            path: "Tests/ClusterWorker",
            swiftSettings: strict
        ),
        .testTarget(
            name: "FaustCLITests",
            dependencies: [
                "FaustCLI",
                "FaustCore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FaustTests",
            dependencies: ["Faust", "FaustTesting"],
            swiftSettings: strict
        ),
    ]
)
