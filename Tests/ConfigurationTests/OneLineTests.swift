import Model
import Testing

@testable import Configuration

@Test(arguments: ["\r", "\u{1B}[2J", "\0", "\u{9B}", "\u{2028}", "\n"])
func `what a finding speaks of cannot end or overwrite its line`(end: String) throws {
  let finding = Finding(.error, at: Place(file: "a\(end)b"), "cannot read 'x\(end)y'", cure: "write \(end)")
  let forbidden = try #require(end.unicodeScalars.first)
  #expect(!finding.description.unicodeScalars.contains(forbidden))
  #expect(finding.description.contains("\\u{\(String(forbidden.value, radix: 16))}"))
}

@Test(arguments: ["u\r\nRSET", "u\0other", "\t", ""])
func `a user's name that could end a line is refused from the environment too`(name: String) {
  #expect(throws: ConfigurationError.self) {
    try Settings.fromEnvironment([
      "SMTP_SERVER": "mail.example.com", "SMTP_USER": name, "SMTP_PASSWORD": "long-enough",
    ])
  }
}
