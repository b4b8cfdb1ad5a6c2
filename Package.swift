// swift-tools-version: 6.2
import PackageDescription

/// The libraries of the system that the program stands on; `deploy/demo` and `Tests/run` install them.
let systemLibraries: [Target] = [
  .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
  .systemLibrary(name: "CAres", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"])]),
  .systemLibrary(name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
]

/// The rooms of the house; `Sources/README.md` is their map, `Tests/lint` checks who may import whom.
let rooms: [Target] = [
  .target(name: "CLinux"),
  .target(name: "CLeanOpenSSL", dependencies: ["COpenSSL"]),
  .target(name: "Base"),
  .target(name: "Model"),
  .target(name: "SMTP", dependencies: ["Model"]),
  .target(name: "Metrics"),
  .target(name: "Diagnosis", dependencies: ["Model", "SMTP"]),
  .target(name: "Loop", dependencies: ["CLinux", "Base"]),
  .target(name: "DNS", dependencies: ["CAres", "Loop", "Base"]),
  .target(name: "TLS", dependencies: ["CLeanOpenSSL", "COpenSSL", "Base", "Model"]),
  .target(name: "Probe", dependencies: ["Base", "Loop", "DNS", "TLS", "SMTP", "Diagnosis", "Model"]),
  .target(name: "Monitor", dependencies: ["Base", "Model"]),
  .target(name: "HTTP", dependencies: ["CMicroHTTPD", "CZlib", "Base"]),
  .target(name: "Web", dependencies: ["Base", "HTTP", "Metrics", "Monitor", "Model"]),
  .target(
    name: "Configuration",
    dependencies: ["Model", .product(name: "Yams", package: "Yams")]),
  .target(name: "ScriptedSMTP", dependencies: ["Loop", "TLS", "Base", "Model"]),
  .executableTarget(
    name: "smtpwatch",
    dependencies: [
      "Base", "Configuration", "Diagnosis", "DNS", "HTTP", "Loop", "Model", "Monitor", "Probe",
      "ScriptedSMTP", "SMTP", "TLS", "Web", "Metrics",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
      .product(name: "Logging", package: "swift-log"),
    ]),
]

/// Each room's tests stand under the room's own name.
let tests: [Target] = [
  ("Base", []), ("Model", []), ("SMTP", ["Model"]), ("Metrics", []),
  ("Diagnosis", ["Model", "SMTP"]), ("Loop", ["Base"]), ("DNS", ["Loop", "Base"]), ("TLS", ["Model"]),
  ("Probe", ["Base", "Loop", "DNS", "TLS", "SMTP", "Diagnosis", "Model", "ScriptedSMTP"]),
  ("Monitor", ["Base", "Model"]), ("HTTP", ["Base"]),
  ("Web", ["Base", "HTTP", "Metrics", "Monitor", "Model"]),
  ("Configuration", ["Model"]), ("ScriptedSMTP", ["Loop", "TLS", "Base"]),
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

for target in package.targets
where target.type == .regular || target.type == .executable || target.type == .test {
  guard !["CLinux", "CLeanOpenSSL"].contains(target.name) else { continue }
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
}
