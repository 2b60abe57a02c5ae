// swift-tools-version:6.2
import PackageDescription

/// The same list of settings as the package that is measured.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "plimsoll-benchmarks",
    products: [
        .executable(name: "plimsoll-bench", targets: ["PlimsollBench"])
    ],
    dependencies: [
        .package(name: "plimsoll", path: "..")
    ],
    targets: [
        .target(name: "CAllocationCount"),
        .executableTarget(
            name: "PlimsollBench",
            dependencies: [
                "CAllocationCount",
                .product(name: "Plimsoll", package: "plimsoll"),
                .product(name: "PlimsollJournal", package: "plimsoll"),
                .product(name: "PlimsollNode", package: "plimsoll"),
                .product(name: "PlimsollWire", package: "plimsoll"),
            ],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
