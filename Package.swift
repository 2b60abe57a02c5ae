// swift-tools-version:6.2
import PackageDescription

/// One list of settings for every target; see docs/ARCHITECTURE.md.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let arguments: Target.Dependency = .product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let httpClient: Target.Dependency = .product(
    name: "AsyncHTTPClient",
    package: "async-http-client"
)
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let bigInt: Target.Dependency = .product(name: "BigInt", package: "BigInt")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")

let package = Package(
    name: "plimsoll",
    products: [
        .library(name: "Plimsoll", targets: ["Plimsoll", "PlimsollUnits"]),
        .library(name: "PlimsollWire", targets: ["PlimsollWire"]),
        .library(name: "PlimsollJournal", targets: ["PlimsollJournal"]),
        .library(name: "PlimsollNode", targets: ["PlimsollNode"]),
        .library(name: "PlimsollProto", targets: ["PlimsollProto"]),
        .executable(name: "plimsoll", targets: ["PlimsollCLI"]),
        .executable(name: "october-book", targets: ["OctoberBook"]),
        .executable(name: "conformance", targets: ["Conformance"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/attaswift/BigInt", exact: "6.0.1"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
    ],
    targets: [
        .target(name: "PlimsollUnits", swiftSettings: settings),
        .systemLibrary(name: "CMemory"),
        .target(name: "CPage", exclude: ["files"]),
        .target(
            name: "Plimsoll",
            dependencies: ["CMemory", "PlimsollUnits"],
            swiftSettings: settings
        ),
        .target(
            name: "PlimsollWire",
            dependencies: ["Plimsoll", "PlimsollUnits", "CZlib", yams],
            swiftSettings: settings
        ),
        .target(name: "PlimsollProto", dependencies: [protobuf], swiftSettings: settings),
        .target(
            name: "PlimsollJournal",
            dependencies: [.product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings
        ),
        .target(name: "TestSupport", path: "Tests/Support", swiftSettings: settings),
        .testTarget(
            name: "PlimsollJournalTests",
            dependencies: ["PlimsollJournal", "TestSupport"],
            swiftSettings: settings
        ),
        .target(
            name: "PlimsollNode",
            dependencies: ["Plimsoll", "PlimsollJournal", "PlimsollUnits", "PlimsollWire"],
            swiftSettings: settings
        ),
        .target(
            name: "PlimsollAccess",
            dependencies: ["PlimsollWire", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PlimsollAccessTests",
            dependencies: [
                "PlimsollAccess", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "PlimsollAlerts",
            dependencies: ["PlimsollUnits", "PlimsollWire"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PlimsollAlertsTests",
            dependencies: ["PlimsollAlerts", "PlimsollWire"],
            swiftSettings: settings
        ),
        .target(
            name: "PlimsollServer",
            dependencies: [
                "CPage", "Plimsoll", "PlimsollAccess", "PlimsollAlerts", "PlimsollHistory",
                "PlimsollJournal", "PlimsollNode", "PlimsollQueries",
                "PlimsollReports", "PlimsollUnits", "PlimsollVerification", "PlimsollWire",
                httpClient, hummingbird, hummingbirdTLS, logging,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PlimsollServerTests",
            dependencies: [
                "PlimsollServer", "Plimsoll", "PlimsollAccess", "PlimsollAlerts", "PlimsollJournal",
                "PlimsollNode", "PlimsollUnits", "PlimsollVerification", "PlimsollWire",
                "TestSupport", logging,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PlimsollNodeTests",
            dependencies: [
                "PlimsollNode", "PlimsollJournal", "PlimsollWire", "Plimsoll", "PlimsollUnits",
            ],
            swiftSettings: settings
        ),
        .target(
            name: "PlimsollAudit",
            dependencies: ["Plimsoll", "PlimsollUnits", bigInt],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PlimsollTests",
            dependencies: [
                "Plimsoll", "PlimsollUnits", "PlimsollAudit", "PlimsollScenario",
                "PlimsollVerification", "PlimsollWire", "TestSupport", bigInt,
            ],
            swiftSettings: settings
        ),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .testTarget(
            name: "PlimsollWireTests",
            dependencies: [
                "PlimsollWire", "Plimsoll", "PlimsollUnits", "PlimsollProto", "CZlib",
                "TestSupport", protobuf,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "PlimsollReports",
            dependencies: ["Plimsoll", "PlimsollUnits", "PlimsollWire"],
            swiftSettings: settings
        ),
        .target(
            name: "PlimsollDemo",
            dependencies: [
                "Plimsoll", "PlimsollMarket", "PlimsollNode", "PlimsollUnits", "PlimsollWire",
            ],
            swiftSettings: settings
        ),
        .target(
            name: "PlimsollQueries",
            dependencies: ["Plimsoll", "PlimsollReports", "PlimsollUnits", "PlimsollWire"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PlimsollQueriesTests",
            dependencies: [
                "PlimsollQueries", "Plimsoll", "PlimsollReports", "PlimsollUnits", "PlimsollWire",
                "TestSupport",
            ],
            swiftSettings: settings
        ),
        .target(
            name: "PlimsollHistory",
            dependencies: ["Plimsoll", "PlimsollReports", "PlimsollUnits", "PlimsollWire", grdb],
            swiftSettings: settings
        ),
        .target(
            name: "PlimsollVerification",
            dependencies: [
                "Plimsoll", "PlimsollAudit", "PlimsollReports", "PlimsollUnits", "PlimsollWire",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PlimsollHistoryTests",
            dependencies: ["PlimsollHistory", "Plimsoll", "PlimsollUnits", "TestSupport", grdb],
            swiftSettings: settings
        ),
        .target(
            name: "PlimsollCommands",
            dependencies: [
                "Plimsoll", "PlimsollAccess", "PlimsollDemo", "PlimsollJournal", "PlimsollMarket",
                "PlimsollNode", "PlimsollReports", "PlimsollServer", "PlimsollUnits",
                "PlimsollVerification", "PlimsollWire", arguments, httpClient, logging,
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "PlimsollCLI",
            dependencies: ["PlimsollCommands"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PlimsollCLITests",
            dependencies: [
                "PlimsollCLI", "PlimsollCommands", "Plimsoll", "PlimsollNode", "PlimsollUnits",
                "PlimsollWire",
            ],
            exclude: ["Golden"],
            swiftSettings: settings
        ),
        .target(
            name: "PlimsollScenario",
            dependencies: ["Plimsoll", "PlimsollUnits", "PlimsollWire"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ScenarioTests",
            dependencies: ["PlimsollScenario", "Plimsoll", "PlimsollUnits", "PlimsollWire"],
            swiftSettings: settings
        ),
        .target(
            name: "ConformanceKit",
            dependencies: ["Plimsoll", "PlimsollUnits", "PlimsollWire"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "Conformance",
            dependencies: ["ConformanceKit"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConformanceTests",
            dependencies: ["ConformanceKit", "Plimsoll", "PlimsollUnits"],
            swiftSettings: settings
        ),
        .target(
            name: "PlimsollMarket",
            dependencies: ["Plimsoll", "PlimsollUnits"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PlimsollMarketTests",
            dependencies: ["PlimsollMarket", "Plimsoll", "PlimsollUnits", "CZlib"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "OctoberBook",
            dependencies: ["PlimsollUnits", "CZlib"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "OctoberBookTests",
            dependencies: ["OctoberBook", "PlimsollUnits"],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
