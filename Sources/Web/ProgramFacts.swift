/// What the program says of itself.
package struct ProgramFacts: Sendable {
  /// Such as `1.0.0`.
  package var version: String
  /// The commit that it was built from.
  package var revision: String
  package var swiftVersion: String
  /// Such as `linux`.
  package var os: String
  /// Such as `x86_64`.
  package var architecture: String

  /// A build; the system and the architecture are those that it was compiled for.
  package init(version: String, revision: String, swiftVersion: String) {
    self.version = version
    self.revision = revision
    self.swiftVersion = swiftVersion
    os = "linux"
    #if arch(x86_64)
      architecture = "x86_64"
    #elseif arch(arm64)
      architecture = "arm64"
    #else
      architecture = "other"
    #endif
  }
}
