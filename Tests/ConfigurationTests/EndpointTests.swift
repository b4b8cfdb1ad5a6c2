import Model
import Testing

@testable import Configuration

@Test(arguments: [
  ("mail.example.com", "mail.example.com", 587, TLSMode.starttls, Dialect.smtp),
  ("mail.example.com.", "mail.example.com", 587, .starttls, .smtp),
  ("mail.example.com:465", "mail.example.com", 465, .implicit, .smtp),
  ("mail.example.com:24", "mail.example.com", 24, .none, .lmtp),
  ("mail.example.com:25", "mail.example.com", 25, .starttls, .smtp),
  ("192.0.2.1:2525", "192.0.2.1", 2525, .starttls, .smtp),
  ("[2001:db8::1]:465", "2001:db8::1", 465, .implicit, .smtp),
  ("[::1]", "::1", 587, .starttls, .smtp),
  ("::1", "::1", 587, .starttls, .smtp),
  ("fe80::1%eth0", "fe80::1%eth0", 587, .starttls, .smtp),
  ("smtp://mail.example.com", "mail.example.com", 587, .starttls, .smtp),
  ("SMTP://mail.example.com:465/", "mail.example.com", 465, .starttls, .smtp),
  ("smtps://mail.example.com", "mail.example.com", 465, .implicit, .smtp),
  ("smtps://mail.example.com:587", "mail.example.com", 587, .implicit, .smtp),
  ("smtps://[::1]:2465", "::1", 2465, .implicit, .smtp),
  ("smtp+plain://mail.example.com", "mail.example.com", 25, .none, .smtp),
  ("lmtp://mail.example.com", "mail.example.com", 24, .none, .lmtp),
  ("lmtp://mail.example.com:2003", "mail.example.com", 2003, .none, .lmtp),
])
func `an endpoint has host, port, mode and dialect`(
  text: String, host: String, port: Int, mode: TLSMode, dialect: Dialect
) throws {
  guard case .server(let server) = try Endpoint.parse(text) else {
    Issue.record("not a server: \(text)")
    return
  }
  #expect(server.host == host)
  #expect(server.port == port)
  #expect(server.tlsMode == mode)
  #expect(server.dialect == dialect)
  #expect(server.isModeGiven == text.contains("://"))
}

@Test func `the servers of a domain are a case of their own`() throws {
  #expect(try Endpoint.parse("mx:example.com") == .mailExchangers(domain: "example.com"))
}

@Test(arguments: [
  ("", "is empty"), ("mail.example.com:", "has the port ''"), ("mail.example.com:0", "has the port '0'"),
  ("mail.example.com:65536", "has the port '65536'"), ("mail.example.com:smtp", "has the port 'smtp'"),
  ("mail.example.com:+25", "has the port '…'"),
  ("mail.example.com:587:1", "has more than one ':' in it"),
  ("imap://mail.example.com", "has the unknown scheme 'imap://'"),
  ("smpts://mail.example.com", "has the unknown scheme 'smpts://'"),
  ("smtps://user:\(plant)@mail.example.com", "has an '@' in it"),
  ("user:\(plant)@mail.example.com", "has an '@' in it"),
  ("smtp://mail.example.com/path", "has a '/' in it"), ("[::1]25", "goes on after ']'"),
  ("[mail.example.com]:25", "has '[' and ']' around what is no IPv6 address"),
  ("mx:", "names no domain"), ("[::1", "has '[' without ']'"),
  ("smtp://m.example.com:25/x", "goes on after the port"),
  ("mx://example.com", "has a '/' in it"), ("mx:a b", "has a blank ' ' in it"),
  ("mail.example.com ", "has a blank ' ' at its end"),
])
func `a malformed endpoint is told by its offending character`(text: String, message: String) {
  let complaint = #expect(throws: Complaint.self) { try Endpoint.parse(text) }
  #expect(complaint?.message == message)
  #expect(complaint?.cure.isEmpty == false)
  #expect(complaint.map { "\($0.message)\($0.cure)".contains(plant) } == false)
}

@Test(arguments: [
  ("smpts://m.example.com", "did you mean smtps://?"),
  ("smtp+plian://m.example.com", "did you mean smtp+plain://?"),
  ("smtp+starttls://m.example.com", "known are smtp://"),
])
func `a scheme is guessed, but nobody is talked out of TLS`(text: String, cure: String) {
  let complaint = #expect(throws: Complaint.self) { try Endpoint.parse(text) }
  #expect(complaint?.cure.hasPrefix(cure) == true, "\(complaint?.cure ?? "")")
}

@Test(arguments: [
  ("500ms", Duration.milliseconds(500)), ("30s", .seconds(30)), ("5m", .seconds(300)),
  ("1h", .seconds(3600)), ("14d", .seconds(14 * 86_400)), ("0s", .zero),
])
func `durations are numbers with units`(text: String, duration: Duration) throws {
  #expect(try Duration(setting: text) == duration)
  #expect(duration.setting == text)
}

@Test(arguments: ["", "s", "5 s", "1.5s", "-1s", "1w", "1h30m", "5S", "9999999999d", "4000d", "٣s"])
func `other durations are refused`(text: String) {
  #expect(throws: Complaint.self) { try Duration(setting: text) }
}

@Test func `a number without a unit is taken for seconds in the cure`() {
  #expect(throws: Complaint("must be a number with a unit", cure: "did you mean 30s?")) {
    try Duration(setting: "30")
  }
}

@Test(arguments: [
  ("*.yml", "a.yml", true), ("*.yml", ".yml", true), ("*.yml", "a.yaml", false), ("a?c", "abc", true),
  ("a?c", "ac", false), ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false), ("[]]", "]", true),
  ("*a*b", "xxaxxab", true), ("*a*b", "xxaxx", false), ("", "", true), ("", "a", false),
  ("[a", "[a", true), ("*", "", true),
])
func `patterns match whole names`(pattern: String, text: String, fits: Bool) {
  #expect(Glob(pattern).matches(text) == fits)
}
