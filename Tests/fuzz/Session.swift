import Model
import SMTP
import TLS

private let password = Secret("tr0ub4dor&3")

/// What a session says, with secrets that would be found again.
private func plan(_ input: inout Input) -> SessionPlan? {
  guard let name = try? EHLOName("client.example") else { return nil }
  var plan = SessionPlan(
    tlsMode: input.choice(of: TLSMode.allCases), ehloName: name, dialect: input.choice(of: [.smtp, .lmtp]))
  let mechanisms: [Mechanism?] = [nil] + Mechanism.allCases.filter { LoginProof.password(password).suits($0) }
  if input.choice(of: 4) > 0 {
    let settings = AuthSettings(
      username: "user", password: password, mechanism: input.choice(of: mechanisms),
      allowPlaintext: input.choice(of: 2) == 1)
    plan.login = SessionPlan.Login(
      settings, host: "mail.example", port: 587, cryptography: FuzzCryptography())
  }
  guard let mailbox = try? Mailbox("a@example.org") else { return nil }
  switch input.choice(of: 3) {
  case 1: plan.transaction = .envelope(from: nil, to: mailbox)
  case 2:
    plan.transaction = .message(
      Message(
        from: mailbox, to: mailbox, subject: "s", date: Timestamp(microseconds: 0), token: "t", host: name,
        target: "target"))
  default: break
  }
  return plan
}

/// Whole conversations with a server that says anything: they end, nothing is said in clear that must not be, and
/// no secret is shown.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  var input = Input(start, count)
  guard let plan = plan(&input) else { return 0 }
  let session = ClientSession(plan: plan)
  var parser = ReplyParser()
  parser.append(input.bytes)
  var action = session.start()
  for _ in 0..<200 {
    switch action {
    case .awaitReply, .sendMessage: break
    case .send(let command):
      require(!contains(command.transcript.utf8, password.bytes), "the password is shown")
      require(command.wire.suffix(2) == [0x0D, 0x0A], "a line without an end")
      require(!command.wire.dropLast(2).contains { $0 == 0x0D || $0 == 0x0A || $0 == 0 }, "two lines in one")
      if case .auth = command.verb {
        require(session.isInTLS || plan.login?.allowPlaintext == true, "a login in clear")
      }
    case .startTLS:
      action = session.secured(channelBinding: ChannelBinding(.tlsExporter, [1, 2, 3]))
      continue
    case .finished: return 0
    case .failed:
      guard let way = session.quit() else { return 0 }
      action = way
      continue
    }
    guard let reply = try? parser.next() else {
      _ = session.brokeOff()
      return 0
    }
    action = session.received(reply)
    for text in [session.lastReply?.text, session.loginRemark].compactMap(\.self) {
      require(!contains(text.utf8, password.bytes), "a reply shows the password")
    }
  }
  require(false, "the conversation has no end")
  return 0
}

/// Real digests, few rounds, and no chance.
struct FuzzCryptography: SASLCryptography {
  let hasMD5 = true

  func hmacMD5(key: [UInt8], message: [UInt8]) -> [UInt8] {
    HashFunction.md5.hmac(key: key, message: message)
  }

  func hash(_ message: [UInt8], _ hash: SCRAMHash) -> [UInt8] { function(hash).hash(message) }

  func hmac(key: [UInt8], message: [UInt8], _ hash: SCRAMHash) -> [UInt8] {
    function(hash).hmac(key: key, message: message)
  }

  func saltedPassword(_ salting: PasswordSalting) -> [UInt8] {
    require(salting.iterations <= 600_000, "a server may not make us work for ever")
    return function(salting.hash).pbkdf2(
      password: salting.password.bytes, salt: salting.salt, iterations: 1)
  }

  func randomBytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 7, count: count) }

  private func function(_ hash: SCRAMHash) -> HashFunction { hash == .sha1 ? .sha1 : .sha256 }
}
