// swift-tools-version: 6.2
import PackageDescription

/// The libraries of the system that the program stands on; `deploy/demo` and `Tests/run` install them.
let systemLibraries: [Target] = [
  .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
  .systemLibrary(name: "CAres", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"])]),
  .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
  .systemLibrary(name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
  .systemLibrary(name: "CGnuTLS", pkgConfig: "gnutls", providers: [.apt(["libgnutls28-dev"])]),
  .systemLibrary(name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
]

/// The rooms of the house; `Sources/README.md` is their map, `Tests/lint` checks who may import whom.
let rooms: [Target] = [
  .target(name: "CLinux"),
  .target(name: "CLeanOpenSSL", dependencies: ["COpenSSL"]),
  .target(name: "CRunbooks"),
  .target(name: "Base"),
  .target(name: "Model"),
  .target(name: "SMTP", dependencies: ["Model"]),
  .target(name: "Metrics"),
  .target(name: "Diagnosis", dependencies: ["Model", "SMTP"]),
  .target(name: "Loop", dependencies: ["CLinux", "Base"]),
  .target(name: "DNS", dependencies: ["CAres", "Loop", "Base"]),
  .target(name: "Policy", dependencies: ["Model"]),
  .target(name: "Transfer", dependencies: ["CCurl", "DNS", "Loop", "Base", "Model"]),
  .target(name: "TLS", dependencies: ["CLinux", "CLeanOpenSSL", "COpenSSL", "Base", "Model"]),
  .target(
    name: "Probe",
    dependencies: ["Base", "Loop", "DNS", "TLS", "Transfer", "Policy", "SMTP", "Diagnosis", "Model"]),
  .target(name: "Monitor", dependencies: ["CLinux", "CZlib", "Base", "Model"]),
  .target(name: "HTTP", dependencies: ["CMicroHTTPD", "CGnuTLS", "CCrypt", "CZlib", "Base"]),
  .target(name: "Runbooks", dependencies: ["CRunbooks"]),
  .target(name: "Web", dependencies: ["Base", "HTTP", "Metrics", "Monitor", "Model", "Runbooks"]),
  .target(name: "Delivery", dependencies: ["Base", "Loop", "TLS", "Transfer", "Model"]),
  .target(
    name: "Configuration",
    dependencies: ["Base", "Model", .product(name: "Yams", package: "Yams")]),
  .target(name: "OAuth", dependencies: ["Base", "Configuration", "SMTP", "Transfer", "Model"]),
  .target(name: "ScriptedSMTP", dependencies: ["Loop", "TLS", "Base", "Model"]),
  .executableTarget(
    name: "smtpwatch",
    dependencies: [
      "Base", "Configuration", "Delivery", "Diagnosis", "DNS", "HTTP", "Loop", "Model", "Monitor", "OAuth",
      "Probe",
      "ScriptedSMTP", "SMTP", "TLS", "Transfer", "Web", "Metrics",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
      .product(name: "Logging", package: "swift-log"),
    ]),
]

/// Each room's tests stand under the room's own name.
let tests: [Target] = [
  ("Base", []), ("Model", []), ("SMTP", ["Model", "TLS"]), ("Metrics", []),
  ("Diagnosis", ["Model", "SMTP"]), ("Loop", ["Base"]), ("DNS", ["Loop", "Base"]),
  ("TLS", ["Base", "Model"]),
  (
    "Probe",
    [
      "Base", "Loop", "DNS", "TLS", "SMTP", "Diagnosis", "Model", "ScriptedSMTP", "Web", "Monitor",
      "Configuration",
    ]
  ),
  ("Monitor", ["Base", "Model"]), ("HTTP", ["Base", "TLS", "Model"]),
  ("Web", ["Base", "HTTP", "Metrics", "Monitor", "Model"]),
  ("Policy", ["Model"]), ("Delivery", ["Base", "Loop", "Model", "SMTP"]),
  ("Transfer", ["Loop", "Base", "Model", "TLS", "ScriptedSMTP"]),
  ("Configuration", ["Model"]), ("OAuth", ["Base", "Configuration", "Model", "Transfer"]),
  ("ScriptedSMTP", ["Loop", "TLS", "Base", "Model"]),
].map { (room: String, also: [String]) in
  .testTarget(
    name: "\(room)Tests",
    dependencies: [.target(name: room)] + also.map { .target(name: $0) },
    path: "Tests/\(room)Tests")
}

let package = Package(
  name: "smtpwatch",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: systemLibraries + rooms + tests,
  swiftLanguageModes: [.v6]
)

/// The rooms that a good probe goes through.
let probePath: Set<String> = ["Loop", "SMTP", "Probe", "Monitor", "smtpwatch"]

for target in package.targets
where target.type == .regular || target.type == .executable || target.type == .test {
  guard !["CLinux", "CLeanOpenSSL", "CRunbooks"].contains(target.name) else { continue }
  target.swiftSettings = [
    .treatAllWarnings(as: .error),
    .treatWarning("DeprecatedDeclaration", as: .warning),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
  ]
  if target.type != .test { target.swiftSettings?.append(.strictMemorySafety()) }
  // Two hundred times a probe, with an eighth of its instructions, it was asked whether a property that is used is in
  // use already. What these rooms keep lives on one thread; debug builds, which the tests are, ask still.
  if probePath.contains(target.name) {
    target.swiftSettings?.append(
      .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)))
  }
}
