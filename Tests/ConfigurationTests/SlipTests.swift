import Testing

@testable import Configuration

/// Slips of the pen: where they are, not where the reader noticed them, and what to do.
@Test(arguments: [
  (
    "targets:\n  - { host: \"a.example }\n  - { host: b.example }\n",
    "config.yml:2:13: not YAML: found unexpected end of stream while scanning a quoted scalar (close the"
      + " quotation mark that stands here)"
  ),
  (
    "targets:\n  - name: a\n   host: a.example\n",
    "config.yml:3:4: not YAML: did not find expected '-' indicator while parsing a block collection (check the"
      + " indentation: what belongs together begins in the same column)"
  ),
  ("module: {}", "config.yml:1:1: unknown key 'module' (did you mean 'modules'?)"),
  ("host: a.example", "config.yml:1:1: unknown key 'host' (it belongs under 'targets')"),
])
func `a slip is told where it is, with its likeliest cure`(yaml: String, line: String) {
  #expect(findings(yaml) == [line])
}

@Test func `what a configuration is refused for is not hidden behind warnings`() {
  let yaml = "targets:\n  - { host: a.example, port: 456 }\n  - { host: b.example, prot: 25 }\n"
  let error = #expect(throws: ConfigurationError.self) { try Settings.parse(yaml: yaml) }
  #expect(error?.findings.map(\.severity) == [.warning, .error])
  #expect(error?.description == "config.yml:3:24: unknown key 'prot' (did you mean 'port'?)")
}
