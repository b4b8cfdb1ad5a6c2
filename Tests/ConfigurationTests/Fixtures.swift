import Foundation
import Testing

@testable import Configuration

/// A password that stands in every bad configuration here, and must never be seen again.
let plant = "zebra-4711-secret"

/// What a configuration is found guilty of, one line each: errors and warnings.
func findings(
  _ yaml: String, directory: String = "", environment: [String: String] = [:],
  sourceLocation: SourceLocation = #_sourceLocation
) -> [String] {
  var environment = environment
  environment["PLANT"] = plant
  let findings: [Finding]
  do throws(ConfigurationError) {
    let loaded = try Settings.parse(yaml: yaml, directory: directory, environment: environment)
    #expect(!"\(loaded)".contains(plant), "the settings show the secret", sourceLocation: sourceLocation)
    findings = loaded.warnings
  } catch {
    findings = error.findings
  }
  let lines = findings.map(\.description)
  #expect(!lines.joined().contains(plant), "a finding shows the secret", sourceLocation: sourceLocation)
  return lines
}

/// The findings of a target with a login and with these further lines, the first of which is line 5.
func findings(
  target lines: String..., directory: String = "", environment: [String: String] = [:],
  sourceLocation: SourceLocation = #_sourceLocation
) -> [String] {
  let head = """
    targets:
      - name: a
        host: mail.example.com
        auth: { username: u, password_env: PLANT }

    """
  let body = lines.joined(separator: "\n").split(separator: "\n", omittingEmptySubsequences: false)
  return findings(
    head + body.map { "    \($0)\n" }.joined(), directory: directory, environment: environment,
    sourceLocation: sourceLocation)
}

/// A folder of its own, gone at the end.
final class Folder {
  let path: String

  init(_ files: [String: String] = [:]) throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("cfg-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, text) in files { try write(name, text) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file that its owner alone can read.
  func write(_ name: String, _ text: String, mode: Int = 0o600) throws {
    let file = "\(path)/\(name)"
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
  }

  /// Makes a symbolic link.
  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: "\(path)/\(name)", withDestinationPath: target)
  }
}
