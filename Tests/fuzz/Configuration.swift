import Configuration

/// Configurations: every complaint has its place and its words; what is accepted can be written out and read again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let text = Input(start, count).text
  let environment = ["NAME": "value", "EMPTY": ""]
  do throws(ConfigurationError) {
    let loaded = try Settings.parse(yaml: text, directory: "/nonexistent", environment: environment)
    for warning in loaded.warnings { check(warning) }
    let written = loaded.settings.text
    guard !written.isEmpty, !written.contains("$") else { return 0 }
    do throws(ConfigurationError) {
      let again = try Settings.parse(yaml: written, directory: "/nonexistent", environment: environment)
      require(again.settings.targets.map(\.name) == loaded.settings.targets.map(\.name), "targets get lost")
    } catch {
      require(false, "what was written cannot be read: \(error)")
    }
  } catch {
    require(!error.findings.isEmpty, "refused without a reason")
    for finding in error.findings { check(finding) }
  }
  return 0
}

private func check(_ finding: Finding) {
  let text = "\(finding)"
  require(text.hasPrefix("config.yml") && text.utf8.count < 4096, "a complaint without its place: \(text)")
  require(!text.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "a complaint in more than one line: \(text)")
}
