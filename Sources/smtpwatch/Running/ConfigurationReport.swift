import ArgumentParser
import Base
import Configuration
import Model
import Web

/// What is found in a configuration, for whoever wrote it.
struct ConfigurationReport {
  let source: SettingsSource

  init(_ source: SettingsSource) { self.source = source }

  /// Writes the findings, those of a web configuration behind, and gives the exit status.
  func print(webFile: String? = nil, asJSON: Bool = false) -> ExitCode {
    var (loaded, findings) = read()
    if let webFile {
      do throws(WebFileError) {
        findings += try WebFile(webFile).warnings
      } catch {
        findings += error.findings
        loaded = nil
      }
    }
    if asJSON {
      StandardStream.output.write(json(findings, isUsable: loaded != nil))
    } else {
      for finding in findings { StandardStream.error.write("\(finding)\n") }
      if let loaded {
        let count = loaded.settings.targets.count
        let odd = findings.isEmpty ? "" : ", \(findings.count) warning\(findings.count == 1 ? "" : "s")"
        StandardStream.output.write(
          "The configuration is good: \(count) target\(count == 1 ? "" : "s")\(odd).\n")
      }
    }
    return loaded == nil ? .configuration : .success
  }

  /// The configuration; where it cannot be used, its findings are written, and the exit status is thrown.
  func load() throws -> Loaded {
    let (loaded, findings) = read()
    guard let loaded else {
      for finding in findings { StandardStream.error.write("\(finding)\n") }
      throw ExitCode.configuration
    }
    return loaded
  }

  /// The configuration with its warnings, or nil with all that is wrong.
  private func read() -> (Loaded?, [Finding]) {
    do throws(ConfigurationError) {
      let loaded = try source.load()
      return (loaded, loaded.warnings)
    } catch {
      return (nil, error.findings)
    }
  }

  private func json(_ findings: [Finding], isUsable: Bool) -> String {
    let report: JSON = [
      "usable": .bool(isUsable),
      "findings": .array(
        findings.map { finding in
          [
            "severity": .string(finding.severity.rawValue), "file": .string(finding.place.file),
            "line": .int(finding.place.line), "column": .int(finding.place.column),
            "reason": .string(finding.reason.slug), "message": .string(finding.message),
            "cure": .string(finding.cure),
          ]
        }),
    ]
    return String(decoding: report.bytes, as: UTF8.self) + "\n"
  }
}
