import Base
import DNS
import Foundation
import Loop
import Model
import SMTP
import ScriptedSMTP
import TLS
import Testing

@testable import Probe

private func newIdentities() throws -> Identities {
  try Identities(host: "mail.example.test", at: Timestamp(microseconds: WallClock.microseconds()))
}

/// A probe that logs in at a scripted server, and the commands that the server heard.
private func logIn(
  _ script: String, _ auth: AuthSettings, identities: Identities? = nil, certFile: String? = nil,
  tokens: @escaping TokenSupply = { _ in TokenState() }
) throws -> (result: ProbeResult, commands: [String]) {
  let identities = try identities ?? newIdentities()
  let server = try ScriptedServer([try Script(script)], identities: identities)
  var settings = ProbeSettings()
  settings.tls.mode = .implicit
  settings.tls.serverName = "mail.example.test"
  settings.ehlo = "monitor.example.net"
  settings.tls.certFile = certFile
  settings.auth = auth
  let target = Target(
    name: "t", host: server.address.text, port: Int(server.address.port), settings: settings)
  let trust = TrustStore(authorities: [identities.authority.certificate])
  let plan = try ProbePlan(
    target: target, hostName: "unused.example.net", materials: TLSMaterials(systemTrust: trust))
  let result = try EventLoop.run { loop in
    Task(executorPreference: loop.executor) { await server.run(on: loop) }
    return await Prober(resolver: Resolver(), tokens: tokens).probe(plan, on: loop).result
  }
  let heard = String(decoding: server.heard.joined(), as: UTF8.self)
  return (result, heard.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init))
}

/// What was said with AUTH, decoded.
private func initialResponse(_ commands: [String]) -> String? {
  commands.first { $0.hasPrefix("AUTH ") }?.split(separator: " ").last
    .flatMap { Base64.decode($0.utf8) }.map { String(decoding: $0, as: UTF8.self) }
}

struct LoginTests {
  @Test(arguments: [("tls12", "p=tls-server-end-point,,"), ("tls13", "p=tls-exporter,,")])
  func `SCRAM is tied to the TLS session where the server offers that`(version: String, header: String) throws
  {
    let (result, commands) = try logIn(
      #"T(good,\#(version)) S"220 m" R(EHLO) S"250-m" S"250 AUTH SCRAM-SHA-256 SCRAM-SHA-256-PLUS" "#
        + #"R(AUTH) S"535 5.7.8 no" OK"#, AuthSettings(username: "probe", password: Secret("secret")))
    #expect((result.stage, result.reason) == (.auth, .authRejected))
    #expect(commands.contains { $0.hasPrefix("AUTH SCRAM-SHA-256-PLUS ") })
    #expect(initialResponse(commands)?.hasPrefix(header + "n=probe,r=") == true)
  }

  @Test func `a server that does not offer to be bound hears that we could`() throws {
    let (_, commands) = try logIn(
      #"T(good) S"220 m" R(EHLO) S"250-m" S"250 AUTH SCRAM-SHA-1" R(AUTH) S"535 5.7.8 no" OK"#,
      AuthSettings(username: "probe", password: Secret("secret")))
    #expect(initialResponse(commands)?.hasPrefix("y,,n=probe,r=") == true)
  }

  @Test func `a server that accepts a login without its signature is not verified`() throws {
    let (result, commands) = try logIn(
      #"T(good) S"220 m" R(EHLO) S"250-m" S"250 AUTH SCRAM-SHA-1 PLAIN" R(AUTH) S"235 welcome" OK"#,
      AuthSettings(username: "probe", password: Secret("secret")))
    #expect((result.stage, result.reason) == (.auth, .authServerUnverified))
    #expect(commands.dropLast().last == "QUIT")
  }

  @Test func `a refused token is named as the cause, with the server's words`() throws {
    // {"status":"401","scope":"mail"}
    let (result, commands) = try logIn(
      #"T(good) S"220 m" R(EHLO) S"250-m" S"250 AUTH PLAIN XOAUTH2" "#
        + #"R(AUTH) S"334 eyJzdGF0dXMiOiI0MDEiLCJzY29wZSI6Im1haWwifQ==" R() S"535 5.7.8 no" OK"#,
      AuthSettings(username: "probe", proof: .token(Secret("ya29.token"))))
    #expect((result.stage, result.reason) == (.auth, .authToken))
    #expect(result.evidence.contains { $0.text.hasSuffix(#"{"status":"401","scope":"mail"}"#) })
    #expect(initialResponse(commands) == "user=probe\u{01}auth=Bearer ya29.token\u{01}\u{01}")
    #expect(commands.suffix(3) == ["", "QUIT", ""])
  }

  @Test(arguments: [("", "="), ("probe", "cHJvYmU=")])
  func `a client certificate is shown, and EXTERNAL refers to it`(user: String, response: String) throws {
    let identities = try newIdentities()
    let client = try #require(identities["clienteku"])
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "client-\(UUID().uuidString).pem")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data((client.certificatePEM + client.keyPEM).utf8).write(to: file)
    let (result, commands) = try logIn(
      #"T(good,clientcert) S"220 m" R(EHLO) S"250-m" S"250 AUTH PLAIN EXTERNAL" R(AUTH) S"235 welcome" OK"#,
      AuthSettings(username: user, proof: .certificate, mechanism: .external), identities: identities,
      certFile: file.path)
    #expect(result.reason == .ok, "\(result.message)")
    #expect(commands.contains("AUTH EXTERNAL \(response)"))
  }

  @Test(arguments: [false, true])
  func `a password is salted once, and anew for another salt, password, count or hash`(
    isPrepared: Bool
  ) async {
    let cryptography = LoginCryptography()
    var answers: [[UInt8]] = []
    for (password, salt, count, hash): ([UInt8], [UInt8], Int, SCRAMHash) in [
      ([1], [2], 3, .sha256), ([1], [2], 3, .sha256), ([9], [2], 3, .sha256), ([9], [8], 3, .sha256),
      ([9], [8], 7, .sha256), ([9], [8], 7, .sha1), ([1], [2], 3, .sha256),
    ] {
      let salting = PasswordSalting(hash: hash, password: Secret(password), salt: salt, iterations: count)
      if isPrepared { await cryptography.prepare(salting) }
      let answer = cryptography.saltedPassword(salting)
      let function = hash == .sha1 ? HashFunction.sha1 : .sha256
      #expect(answer == function.pbkdf2(password: password, salt: salt, iterations: count))
      answers.append(answer)
    }
    #expect(Set(answers).count == 5)
  }

  private static let grant = TokenGrant(
    url: "https://id.example.com/token", kind: .clientCredentials, clientID: "abc", clientSecret: Secret("s"))

  @Test func `a token that is at hand is what a grant logs in with, and its end is told`() throws {
    let end = Timestamp(seconds: 1_800_000_000)
    let (result, commands) = try logIn(
      #"T(good) S"220 m" R(EHLO) S"250-m" S"250 AUTH XOAUTH2" R(AUTH) S"235 welcome" OK"#,
      AuthSettings(username: "probe", proof: .grant(Self.grant)),
      tokens: { _ in TokenState(token: Secret("tok-en"), expiry: end) })
    #expect((result.reason, result.tokenExpiry) == (.ok, end), "\(result.message)")
    #expect(initialResponse(commands) == "user=probe\u{01}auth=Bearer tok-en\u{01}\u{01}")
  }

  @Test(arguments: [
    (TokenFault.pending, Reason.authToken, "first request is still under way"),
    (.refused(error: "invalid_grant", words: "revoked"), .authToken, "invalid_grant, \"revoked\""),
    (.unreachable("id.example.com cannot be reached: no"), .authToken, "cannot be reached"),
    (.secret("/x/refresh is empty"), .configCredentials, "/x/refresh is empty"),
  ])
  func `without a token all before the login is probed, and nothing is held against the account`(
    fault: TokenFault, reason: Reason, words: String
  ) throws {
    let (result, commands) = try logIn(
      #"T(good) S"220 m" R(EHLO) S"250-m" S"250 AUTH XOAUTH2" R(QUIT) S"221 bye""#,
      AuthSettings(username: "probe", proof: .grant(Self.grant)),
      tokens: { _ in TokenState(fault: fault) })
    #expect((result.stage, result.reason) == (.auth, reason))
    #expect(result.message.contains(words))
    #expect(result.remedy.contains("auth.oauth2"))
    #expect(result.refusedLogin == nil && !result.refusesToken)
    #expect(commands.contains("QUIT"))
    #expect(!commands.contains { $0.hasPrefix("AUTH") })
  }

  @Test func `a token that the server refuses is held against the account`() throws {
    let (result, _) = try logIn(
      #"T(good) S"220 m" R(EHLO) S"250-m" S"250 AUTH XOAUTH2" R(AUTH) S"535 5.7.8 no" OK"#,
      AuthSettings(username: "probe", proof: .grant(Self.grant)),
      tokens: { _ in TokenState(token: Secret("tok-en")) })
    #expect((result.stage, result.reason) == (.auth, .authToken))
    #expect(result.refusesToken)
    #expect(result.remedy.contains("auth.oauth2.scopes"))
  }
}
