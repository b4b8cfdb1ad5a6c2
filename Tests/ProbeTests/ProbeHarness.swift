import Base
import Foundation
import DNS
import Loop
import Model
@testable import Probe
import ScriptedSMTP
import TLS
import Web

/// What every test shares: certificates, whom to trust, and a password that must never be seen.
enum World {
  static let host = "mail.example.test"
  static let user = "probe@example.test"
  static let password = "Pl4nted~Secret/9+7"
  static let now = Timestamp(microseconds: WallClock.microseconds())
  static let identities = Result { try Identities(host: host, at: now) }

  /// The certificates to trust, with those that a target's own files bring.
  static func materials() throws -> TLSMaterials {
    let authority = try identities.get().authority
    return TLSMaterials(systemTrust: TrustStore(authorities: [authority.certificate]))
  }

  /// A server that plays a script at an address of its own, for as long as the loop runs.
  static func server(
    _ script: String, on address: SocketAddress = .loopback(), backlog: Int32 = 128,
    for loop: isolated EventLoop
  ) throws -> ScriptedServer {
    let server = try ScriptedServer(
      [Script(script)], identities: identities.get(), host: host, on: address, backlog: backlog)
    Task(executorPreference: loop.executor) { await server.run(on: loop) }
    return server
  }
}

/// How far a probe goes.
enum Depth: Sendable {
  case ehlo, auth, mail, send
}

/// What a probe and its server saw of each other.
struct Seen: Sendable {
  let result: ProbeResult
  /// What the server heard, a connection each.
  let heard: [String]
  /// What it heard before it had said a word.
  let early: [String]

  /// What the only connection brought.
  var dialogue: String { heard.joined() }

  /// The commands of the only connection.
  var commands: [String] {
    dialogue.split(separator: "\r\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  /// All that is shown to anybody: the JSON form, with what it leaves out.
  var shown: String {
    String(decoding: json(of: result), as: UTF8.self) + "\n" + String(describing: result)
  }

  /// What the verdict says.
  var words: String {
    ([result.message, result.remedy] + result.evidence.map(\.text)).joined(separator: "\n")
  }

  /// The code of the last reply before the prober's own way out.
  var lastCode: Int? {
    let dialogue = result.transcript.filter { $0.from != .note }
    let leavesEarly = !result.success || result.reason == .greylisted
    let exits = leavesEarly ? ["QUIT", "RSET", "*"] : ["QUIT"]
    let exit = dialogue.firstIndex { $0.from == .client && exits.contains($0.text) }
    return dialogue[..<(exit ?? dialogue.endIndex)].last { $0.from == .server }.flatMap {
      Int($0.text.prefix(3))
    }
  }
}

/// The settings of tests: local, and with caps that end only what will never happen, however busy the machine is.
func settings(
  _ mode: TLSMode, _ depth: Depth = .ehlo, _ change: (inout ProbeSettings) -> Void = { _ in }
) -> ProbeSettings {
  var settings = ProbeSettings()
  settings.ehlo = "monitor.example.net"
  settings.tls.mode = mode
  settings.tls.serverName = World.host
  settings.timeout = .seconds(120)
  settings.timeouts = .all(.seconds(60))
  let envelope = Envelope(from: "probe@example.net", to: "sink@example.test")
  switch depth {
  case .ehlo: break
  case .auth: settings.auth = AuthSettings(username: World.user, password: Secret(World.password))
  case .mail: settings.envelope = envelope
  case .send: settings.send = SendSettings(envelope: envelope)
  }
  // What the probe alone can tell; the follow-up checks have tests of their own.
  settings.diagnosis = .passive
  change(&settings)
  return settings
}

extension StageTimeouts {
  /// The same for every stage of a conversation.
  static func all(_ cap: Duration) -> StageTimeouts {
    var timeouts = StageTimeouts()
    for stage in [Stage.connect, .tls, .banner, .ehlo, .message] { timeouts.cap(stage, at: cap) }
    return timeouts
  }

  /// How long is waited in one stage; those before it are not where the waiting is to end.
  mutating func cap(_ stage: Stage?, at patience: Duration) {
    switch stage {
    case .connect: connect = patience
    case .tls: tls = patience
    case .banner: banner = patience
    case .message: message = patience
    default: reply = patience
    }
  }
}

/// Probes an address, or another name for it.
func probe(
  _ address: SocketAddress, as host: String? = nil, name: String = "t", _ settings: ProbeSettings,
  resolver: Resolver = Resolver(), timeLimit: Duration? = nil, messages: Int = .max,
  on loop: isolated EventLoop
) async throws -> ProbeResult {
  let target = Target(
    name: name, host: host ?? address.text, port: Int(address.port), settings: settings)
  let plan = try ProbePlan(target: target, hostName: "unused.example.net", materials: World.materials())
  return await Prober(resolver: resolver)
    .probe(plan, timeLimit: timeLimit, messages: settings.send == nil ? 0 : messages, on: loop).result
}

/// Probes a server that plays a script.
func probe(
  _ script: String, _ settings: ProbeSettings, name: String = "t", timeLimit: Duration? = nil,
  on loop: isolated EventLoop
) async throws -> Seen {
  let server = try World.server(script, for: loop)
  let result = try await probe(server.address, name: name, settings, timeLimit: timeLimit, on: loop)
  await server.hasHeard(result.phases[.connect] == nil ? 0 : 1, on: loop)
  return Seen(result, server)
}

/// Probes a server that plays a script, on a loop of its own.
func probe(_ script: String, _ settings: ProbeSettings, name: String = "t", timeLimit: Duration? = nil) throws
  -> Seen
{
  try onLoop { try await probe(script, settings, name: name, timeLimit: timeLimit, on: $0) }
}

/// Runs a test's body on a loop of its own.
func onLoop<Output: Sendable>(
  _ body: @escaping @Sendable (isolated EventLoop) async throws -> Output
) throws -> Output {
  try EventLoop.run { loop in
    do { return Result<Output, any Error>.success(try await body(loop)) } catch { return .failure(error) }
  }.get()
}

/// Runs what takes long on a thread of its own: the few threads of the pool are for all other tests.
func onThread<Output: Sendable>(
  _ body: @escaping @Sendable () throws -> Output
) async throws -> Output {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
  }
}

/// Runs one piece of work for each item on one loop, some at a time, and gives what each came to.
func onLoop<Item: Sendable, Output: Sendable>(
  _ items: [Item], atOnce: Int,
  _ work: @escaping @Sendable (Item, isolated EventLoop) async throws -> Output
) throws -> [Result<Output, any Error>] {
  try EventLoop.run { loop in
    await withTaskGroup(of: (Int, Result<Output, any Error>).self) { group in
      var results = [Result<Output, any Error>?](repeating: nil, count: items.count)
      for index in items.indices {
        if index >= atOnce, let (done, result) = await group.next() { results[done] = result }
        group.addTask(executorPreference: loop.executor) {
          do { return (index, .success(try await work(items[index], loop))) } catch {
            return (index, .failure(error))
          }
        }
      }
      for await (done, result) in group { results[done] = result }
      return results.compactMap(\.self)
    }
  }
}

extension Seen {
  init(_ result: ProbeResult, _ server: ScriptedServer) {
    self.init(
      result: result, heard: server.heard.map { String(decoding: $0, as: UTF8.self) },
      early: server.heardEarly.map { String(decoding: $0, as: UTF8.self) })
  }
}

extension ScriptedServer {
  /// Waits until so many clients have gone: only then is it known what they said.
  func hasHeard(_ count: Int, on loop: isolated EventLoop) async {
    let limit = MonotonicInstant.now().advanced(by: .seconds(60))
    while heard.count < count, .now() < limit {
      _ = await loop.sleep(until: .now().advanced(by: .milliseconds(1)))
    }
  }
}

/// The forms in which the password, or the most of it, would be found.
enum Planted {
  /// What AUTH PLAIN says.
  static let plainResponse = base64(Array("\0\(World.user)\0\(World.password)".utf8))

  /// What AUTH XOAUTH2 says, with the password for a token.
  static let tokenResponse = base64(
    Array("user=\(World.user)\u{1}auth=Bearer \(World.password)\u{1}\u{1}".utf8))

  static let forms: [String] = {
    let part = Array(World.password.utf8.prefix(10))
    let encoded = (0..<3).map { offset in
      // The characters that hold bits of the password alone, wherever it stands in a message.
      let text = Array(base64([UInt8](repeating: 0, count: offset) + part))
      return String(text[(offset * 8 + 5) / 6..<(offset + part.count) * 8 / 6])
    }
    return [String(decoding: part, as: UTF8.self)] + encoded
  }()

  private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
