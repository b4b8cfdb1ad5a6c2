package import Base
import CAres
import Glibc
package import Loop

/// Finds the addresses of hosts, as the system would: literals, the hosts file, then the DNS with the search
/// domains and servers of resolv.conf, which is read again when it has changed.
///
/// Safe to send: all that changes is used in functions isolated to one loop, which `addresses` checks.
package final class Resolver: @unchecked Sendable {
  /// Whom to ask, and how often.
  package struct Options: Sendable {
    /// The servers, with their ports; empty for the system's.
    package var servers: [SocketAddress] = []
    /// How long to wait for a server the first time; each further time it doubles.
    package var timeout: Duration = .milliseconds(1500)
    /// How often to ask each server.
    package var tries = 3
    /// resolv.conf(5)
    package var configuration = "/etc/resolv.conf"
    /// hosts(5)
    package var hosts = "/etc/hosts"

    /// The system's servers.
    package init() {}
  }

  /// How long an answer is waited for when the addresses of the other family are there.
  package static let grace: Duration = .milliseconds(500)

  let options: Options
  private let hosts: HostsFile
  private var channel: Channel?
  private var stamp: FileStamp?
  private var loop: EventLoop?

  /// A resolver for one loop, the first that it is used on.
  package init(_ options: Options = Options()) {
    self.options = options
    hosts = HostsFile(path: options.hosts)
  }

  /// The c-ares library's version, such as `1.18.1`.
  package static var libraryVersion: String { unsafe String(cString: ares_version(nil)) }

  /// The addresses of a host, each with the port given. IPv4 and IPv6 are asked for at once.
  package func addresses(
    of host: String, port: UInt16 = 0, _ wanted: FamilyChoice = .any, until deadline: MonotonicInstant,
    on loop: isolated EventLoop
  ) async throws(DNSError) -> Resolution {
    claim(loop)
    if let literal = SocketAddress(literal: host, port: port) {
      guard wanted.includes(literal.family) else { throw .noAddress }
      return Resolution(source: .literal, addresses: [literal])
    }
    let name = try checked(host)
    let listed = local(name).filter { wanted.includes($0.family) }
    if !listed.isEmpty {
      return Resolution(source: .hostsFile, addresses: ordered(listed.map { $0.with(port: port) }))
    }
    return try await ask(name, port: port, wanted, until: deadline, on: loop)
  }

  /// Belongs to this loop from now on.
  func claim(_ loop: EventLoop) {
    precondition(self.loop == nil || self.loop === loop, "a resolver belongs to one loop")
    self.loop = loop
  }

  /// What is known of a name without asking. `localhost` is always known (RFC 6761 section 6.3).
  private func local(_ name: String) -> [SocketAddress] {
    let name = name.hasSuffix(".") ? String(name.dropLast()) : name
    let listed = hosts.addresses(of: name)
    guard listed.isEmpty, name == "localhost" || name.hasSuffix(".localhost") else { return listed }
    return [.loopback(.ipv4), .loopback(.ipv6)]
  }

  /// The name in lower case, if it is one that can be asked for.
  func checked(_ host: String) throws(DNSError) -> String {
    guard !host.isEmpty else { throw .malformed("the host name is empty") }
    for byte in host.utf8 {
      guard byte < 128 else { throw .malformed("the host name is not ASCII: write it in its xn-- form") }
      guard byte > 32, byte != 127 else { throw .malformed("the host name has blanks or control characters") }
    }
    return host.lowercased()
  }

  private func ask(
    _ name: String, port: UInt16, _ wanted: FamilyChoice, until deadline: MonotonicInstant,
    on loop: isolated EventLoop
  ) async throws(DNSError) -> Resolution {
    let channel = try currentChannel()
    let families: [SocketAddress.Family] = [.ipv6, .ipv4].filter { wanted.includes($0) }
    let question = Question<FamilyAnswer>()
    let start = MonotonicInstant.now()
    for family in families { channel.ask(name, family, question, on: loop) }
    var patience = deadline
    while question.answers.count < families.count {
      for answer in question.answers where !answer.addresses.isEmpty {
        patience = min(deadline, answer.at.advanced(by: Self.grace))
      }
      let outcome = await question.wait(
        forAnswers: question.answers.count + 1, until: patience, on: loop)
      if outcome == .ended { throw .ended }
      if outcome == .timedOut { break }
    }
    let end = MonotonicInstant.now()
    var failures: [DNSError] = []
    var resolution = Resolution(source: .dns, addresses: [])
    for family in families {
      let answer = question.answers.first { $0.family == family }
      let failure = answer.map { DNSError($0) } ?? .timeout
      if let failure { failures.append(failure) }
      resolution[family] = Resolution.Answer(
        elapsed: start.duration(to: answer?.at ?? end), isAnswered: answer != nil, failure: failure)
      resolution.addresses += answer?.addresses ?? []
    }
    guard resolution.addresses.isEmpty else {
      resolution.addresses = ordered(resolution.addresses.map { $0.with(port: port) })
      return resolution
    }
    let worst = DNSError.ruling(failures)
    if worst == .noAddress, await isAliasLoop(name, until: deadline, on: loop) {
      throw .refused("the name is an alias that leads back to itself")
    }
    if worst == .unreachable, let trouble = Self.ownTrouble { throw .local(trouble) }
    guard worst == .unreachable, let family = families.last else { throw worst }
    throw try await refusal(of: name, family, until: deadline, on: loop)
  }

  /// Why this process can ask nobody; nil where it can. The library says the same of that as of servers that are not
  /// there.
  private static var ownTrouble: String? {
    do throws(SystemError) {
      _ = try Descriptor(socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0), of: "socket")
      return nil
    } catch {
      return error.isLocalTrouble ? error.description : nil
    }
  }

  /// The library passes over a server that refuses, and at the end says only that none served. So one is asked
  /// again for its own words.
  private func refusal(
    of name: String, _ family: SocketAddress.Family, until deadline: MonotonicInstant,
    on loop: isolated EventLoop
  ) async throws(DNSError) -> DNSError {
    let channel = try Channel(options, showsRefusals: true)
    let question = Question<FamilyAnswer>()
    channel.ask(name, family, question, on: loop)
    guard case .ready = await question.wait(forAnswers: 1, until: deadline, on: loop),
      let answer = question.answers.first, case .refused(let words) = DNSError(answer)
    else { return .unreachable }
    return .refused(words)
  }

  func currentChannel() throws(DNSError) -> Channel {
    let now = FileStamp(path: options.configuration)
    if let channel, stamp == now { return channel }
    let fresh = try Channel(options, showsRefusals: false)
    channel = fresh
    stamp = now
    return fresh
  }
}

extension Resolution {
  fileprivate subscript(family: SocketAddress.Family) -> Answer? {
    get { family == .ipv4 ? ipv4 : ipv6 }
    set { if family == .ipv4 { ipv4 = newValue } else { ipv6 = newValue } }
  }
}

extension DNSError {
  /// No server took the question.
  fileprivate static let unreachable = DNSError.refused("no resolver accepts queries")

  /// Why an answer has no addresses; nil where it has.
  fileprivate init?(_ answer: FamilyAnswer) {
    guard answer.addresses.isEmpty else { return nil }
    self.init(status: answer.status)
  }

  /// What a status of the library means for a question without an answer.
  init(status: Int32) {
    switch status {
    case ARES_SUCCESS, ARES_ENODATA: self = .noAddress
    case ARES_ENOTFOUND: self = .notFound
    case ARES_ESERVFAIL: self = .refused("the resolver failed (SERVFAIL)")
    case ARES_EREFUSED: self = .refused("the resolver refuses to answer (REFUSED)")
    case ARES_ENOTIMP: self = .refused("the resolver cannot answer such questions (NOTIMP)")
    case ARES_EFORMERR: self = .refused("the resolver did not understand the question (FORMERR)")
    case ARES_ECONNREFUSED: self = .unreachable
    case ARES_ETIMEOUT: self = .timeout
    case ARES_EBADNAME: self = .malformed("the host name is not one that the DNS can carry")
    case ARES_EBADRESP: self = .refused("the resolver's answer cannot be read")
    case ARES_EDESTRUCTION, ARES_ECANCELLED: self = .ended
    default: self = .local("c-ares: \(words(status))")
    }
  }

  /// The failure that stands for those of both families: a name that does not exist has no addresses of any kind;
  /// that it has none of one kind says nothing of the other.
  fileprivate static func ruling(_ failures: [DNSError]) -> DNSError {
    if failures.allSatisfy({ $0 == .notFound }) { return .notFound }
    return failures.first { $0 != .notFound && $0 != .noAddress } ?? .noAddress
  }
}
