// swift-tools-version: 6.2
// The table of modules and their layers: a module may use only what stands above it here. `make build` runs
// with --explicit-target-dependency-import-check error, so an import that is not declared fails the build.
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
/// Where C is bound neither can be had: of which module a structure of C's is depends on what was loaded first.
let strictest = strict + [.strictMemorySafety(), .enableUpcomingFeature("MemberImportVisibility")]

/// A module and its tests.
///
/// Only a module that binds C does without the strictest settings. Tests read their fixtures where they lie.
func module(
    _ name: String,
    _ uses: Target.Dependency...,
    bindsC: Bool = false,
    tests: [Target.Dependency] = [],
    resources: [Resource] = [],
    fixtures: Bool = false
) -> [Target] {
    let settings = bindsC ? strict : strictest
    return [
        .target(name: name, dependencies: uses, resources: resources, swiftSettings: settings),
        .testTarget(
            name: name + "Tests",
            dependencies: uses + tests + [.byName(name: name), "TestSupport"],
            exclude: fixtures ? ["Fixtures"] : [],
            swiftSettings: settings
        ),
    ]
}

/// A C library of the system, found by pkg-config, installed by apt.
func system(_ name: String, pkgConfig: String, apt package: String) -> [Target] {
    [.systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])]
}

/// An executable: a `@main` and nothing else; what it does is in the module of its commands, unless a path is given.
func program(_ name: String, _ uses: Target.Dependency..., path: String? = nil) -> [Target] {
    let settings = strictest
    return [.executableTarget(name: name, dependencies: uses, path: path, swiftSettings: settings)]
}

let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let certificates: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

var targets: [Target] = []
// Layer 0: C libraries of the system.
targets += system("Clibvirt", pkgConfig: "libvirt-qemu", apt: "libvirt-dev")
targets += system("Clibssh2", pkgConfig: "libssh2", apt: "libssh2-1-dev")
targets += system("Clibyaml", pkgConfig: "yaml-0.1", apt: "libyaml-dev")
// Layer 1: values.
targets += module("LabModel")
targets += module("YAML", "LabModel", "Clibyaml", bindsC: true)
targets += module("IPMI", crypto, cryptoExtras)
targets += module("LACP", "LabModel")
// Layer 2: one outside thing each.
targets += module(
    "PodSpec",
    "LabModel",
    "YAML",
    "IPMI",
    resources: [.embedInCode("Schemas")],
    fixtures: true
)
targets += module(
    "Libvirt",
    "LabModel",
    "Clibvirt",
    subprocess,
    systemPackage,
    bindsC: true,
    fixtures: true
)
targets += module("SSH", "Clibssh2", bindsC: true, tests: [subprocess, systemPackage])
targets += module("VirtualBMC", "LabModel", "IPMI", nio, nioPosix, tests: [subprocess, systemPackage])
targets += module(
    "Certificates",
    "LabModel",
    asn1,
    certificates,
    crypto,
    systemPackage,
    tests: [subprocess]
)
targets += module(
    "Redfish",
    "LabModel",
    "IPMI",
    "VirtualBMC",
    "Certificates",
    httpClient,
    httpTypes,
    hummingbirdCore,
    hummingbirdTLS,
    logging,
    nio,
    nioHTTP,
    nioPosix,
    nioSSL,
    tests: [subprocess]
)
targets += module("DownloadCache", "LabModel", crypto, subprocess, systemPackage)
targets += module("Uplink", "LabModel", bindsC: true)
targets += module(
    "Gateway",
    "LabModel",
    "Certificates",
    "Uplink",
    "DownloadCache",
    nio,
    nioPosix,
    nioHTTP,
    nioSSL,
    nioTLS,
    bindsC: true,
    tests: [nioEmbedded, subprocess, systemPackage, "Sandbox"]
)
targets += module("Sandbox", "LabModel", "LACP", subprocess, systemPackage)
targets += module("Images", "LabModel", crypto, subprocess, systemPackage, tests: ["Certificates", "Lab"])
// Layer 3: decisions.
targets += module("Lab", "LabModel", logging)
targets += module("Scenario", "LabModel", "YAML", "IPMI", "Gateway", "Lab")
targets += module(
    "Deployment",
    "LabModel",
    "SSH",
    "PodSpec",
    "YAML",
    crypto,
    hummingbird,
    httpClient,
    httpTypes,
    logging,
    nio,
    nioHTTP,
    subprocess,
    systemPackage,
    resources: [.embedInCode("Policies")],
    fixtures: true
)
// Layer 4: the command lines.
targets += module(
    "VlabCommands",
    "LabModel",
    "YAML",
    "IPMI",
    "PodSpec",
    "Libvirt",
    "SSH",
    "VirtualBMC",
    "Certificates",
    "Redfish",
    "Gateway",
    "Uplink",
    "Sandbox",
    "Images",
    "DownloadCache",
    "Lab",
    "Scenario",
    arguments,
    crypto,
    hummingbird,
    hummingbirdCore,
    httpClient,
    lifecycle,
    logging,
    nio,
    nioHTTP,
    nioPosix,
    signals,
    subprocess,
    systemPackage
)
targets += module("VdeployCommands", "LabModel", "YAML", "PodSpec", "Deployment", arguments, logging)
targets += program("vlab", "VlabCommands", arguments)
targets += program("vdeploy", "VdeployCommands", arguments)
// What `make bench` runs: it drives the built vlab from outside, as a user would.
targets += program(
    "vlab-bench",
    "LabModel",
    "IPMI",
    "PodSpec",
    "DownloadCache",
    "Sandbox",
    arguments,
    crypto,
    subprocess,
    systemPackage,
    path: "Sources/VlabBench"
)
// What tests share; habits that a machine can check; everything together on real guests.
targets += [
    .target(
        name: "TestSupport",
        dependencies: [subprocess, systemPackage],
        path: "Tests/TestSupport",
        swiftSettings: strictest
    ),
    .testTarget(
        name: "TidyTests",
        dependencies: ["TestSupport"],
        swiftSettings: strictest
    ),
    .testTarget(
        name: "EndToEndTests",
        dependencies: ["LabModel", "TestSupport", subprocess, systemPackage],
        swiftSettings: strictest
    ),
]

/// A program that libFuzzer drives: sources of the tests around a module that tells libFuzzer where it goes.
func fuzzer(_ name: String, of modules: Target.Dependency..., sources: [String]) -> Target {
    .executableTarget(
        name: name,
        dependencies: modules + ["Clibfuzzer"],
        path: "Tests",
        sources: sources,
        swiftSettings: strict + [.unsafeFlags(["-sanitize=fuzzer"])],
        // Without a main of its own libFuzzer's library confuses the other linker.
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]
    )
}
// What `make fuzz` builds, in place of all that.
if Context.environment["VLAB_FUZZ"] != nil {
    let instrumented: Set = ["IPMI", "Gateway"]
    targets = targets.filter { instrumented.union(["LabModel", "Certificates", "Uplink"]).contains($0.name) }
    for target in targets where instrumented.contains(target.name) {
        target.swiftSettings = strict + [.unsafeFlags(["-sanitize=fuzzer", "-enable-testing"])]
    }
    targets += [
        .systemLibrary(name: "Clibfuzzer", path: "Tests/Fuzz/Clibfuzzer"),
        fuzzer(
            "fuzz-sessions",
            of: "IPMI",
            sources: [
                "IPMITests/Console.swift", "IPMITests/Hex.swift", "IPMITests/Fuzzing/FuzzedBMC.swift",
                "Fuzz/Sessions",
            ]
        ),
        fuzzer(
            "fuzz-datagrams",
            of: "IPMI",
            sources: ["IPMITests/Fuzzing/FuzzedDatagram.swift", "Fuzz/Datagrams"]
        ),
        fuzzer(
            "fuzz-requests",
            of: "Gateway",
            "LabModel",
            nio,
            nioEmbedded,
            nioHTTP,
            sources: ["GatewayTests/Fuzzing/FuzzedRequest.swift", "Fuzz/Requests"]
        ),
    ]
}

let package = Package(
    name: "vlab",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: targets
)
