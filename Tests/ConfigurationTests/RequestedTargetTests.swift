import Model
import Testing

@testable import Configuration

private func settings(allow: String = "[configured]") throws -> Settings {
  try Settings.parse(
    yaml: """
      modules:
        login:
          timeout: 4s
          tls: { mode: starttls }
          auth: { username: u, password: zebra }
        other:
          tls: { mode: starttls }
          auth: { username: other, password: lion }
      targets:
        - { name: plunk, host: smtp.example.com, port: 2587, module: login }
        - { name: sibling, host: mail.example.com, port: 587, module: other }
      probe: { allow: \(allow) }
      """
  ).settings
}

@Test(arguments: [
  ("smtp.example.com:2587", "login"), ("SMTP.example.com:2587", nil), ("smtp.example.com", "login"),
  ("smtp://smtp.example.com:2587", nil),
])
func `a configured target is probed with its own login`(text: String, module: String?) throws {
  let request = try settings().requestedTarget(text, module: module)
  #expect(request.configured == "plunk")
  #expect(request.target.settings.auth?.username == "u")
  #expect(!request.isWithoutCredentials)
}

@Test(arguments: [
  ("smtp.example.com:2587", "other"), ("smtp.example.com:25", "login"), ("mail.example.com:587", "login"),
  ("smtp+plain://smtp.example.com:2587", "login"), ("smtps://smtp.example.com:2587", "login"),
])
func `no credentials go where they are not configured to go`(text: String, module: String) throws {
  let request = try settings().requestedTarget(text, module: module)
  #expect(request.configured == nil)
  #expect(request.target.settings.auth == nil)
  #expect(request.isWithoutCredentials)
}

@Test(arguments: ["[any]", #"["*.example.net"]"#])
func `a host that is not configured is probed without credentials`(allow: String) throws {
  let request = try settings(allow: allow).requestedTarget("host.example.net:587", module: "login")
  #expect(request.target.settings.auth == nil && request.isWithoutCredentials)
  #expect(request.target.name == "host.example.net:587")
  #expect(request.target.settings.timeout == .seconds(4))
}

@Test(arguments: ["localhost:587", "other.example.com", "127.0.0.1", "smtp.example.com.evil.example"])
func `a host that is not allowed is refused`(text: String) throws {
  #expect(throws: RequestedTargetError.self) { try settings().requestedTarget(text, module: "login") }
}

@Test(arguments: [
  "smtp.example.com:22", "smtp.example.com:6379", "mail.example.com:2588", "smtps://smtp.example.com:443",
])
func `a configured host is no way to its other services`(text: String) throws {
  let host = text.split(separator: "/").last.map(String.init) ?? text
  #expect(throws: RequestedTargetError.notAllowed(host: host)) {
    try settings().requestedTarget(text, module: nil)
  }
  #expect(throws: Never.self) { try settings(allow: "[any]").requestedTarget(text, module: nil) }
}

@Test func `an unknown module is named with those that are known`() throws {
  #expect(throws: RequestedTargetError.unknownModule(known: ["default", "login", "other"])) {
    try settings().requestedTarget("smtp.example.com:2587", module: "http_2xx")
  }
}

@Test func `a domain that may be probed is a target of all its MX hosts`() throws {
  var settings = try settings()
  #expect(throws: RequestedTargetError.notAllowed(host: "mx:example.com")) {
    try settings.requestedTarget("mx:example.com", module: nil)
  }
  settings.allowance.any = true
  let target = try settings.requestedTarget("mx:example.com", module: nil).target
  #expect(target.mailDomain == "example.com" && target.port == 25)
}
