import Base
import DNS
import Loop
import Model
import Policy
import Transfer

/// What domains publish about their mail servers, looked up apart from the probes and kept for its time to live.
///
/// Safe to send: all that changes is used in functions isolated to one loop.
final class PolicyLookups: @unchecked Sendable {
  /// Records of a kind at a name, asked of a resolver; nil for the system's.
  struct Name: Hashable, Sendable {
    var name: String
    var type: RecordType
    var resolver: String?
  }

  /// A domain's MTA-STS policy: whom to ask for it, and whom to trust.
  struct Domain: Hashable, Sendable {
    var domain: String
    var resolver: String?
    var caFile: String?
  }

  typealias Answer = Result<RecordAnswer, DNSError>

  /// How long one look-up may take, however long the probe that began it has.
  private static let patience: Duration = .seconds(10)
  /// A failure is not asked about again sooner, and no answer is kept longer.
  private static let lasts: ClosedRange<Duration> = .seconds(60) ... .seconds(3600)

  private let system: Resolver
  private var resolvers: [String: Resolver] = [:]
  private var client: TransferClient?
  private lazy var answers = Remembered<Name, Answer> { [unowned self] name, _, loop in
    await ask(name, on: loop)
  }
  private lazy var policies = Remembered<Domain, PublishedPolicy> { [unowned self] domain, last, loop in
    await policy(domain, last, on: loop)
  }

  /// Look-ups that ask this resolver where the settings name no other.
  init(resolver: Resolver) { system = resolver }

  /// The records at a name; nil where there is no answer by the deadline.
  func records(at name: Name, until deadline: MonotonicInstant, on loop: isolated EventLoop) async -> Answer?
  {
    await answers.answer(to: name, until: deadline, on: loop)
  }

  /// A domain's MTA-STS policy; nil where there is no answer by the deadline.
  func policy(
    of domain: Domain, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async -> PublishedPolicy? {
    await policies.answer(to: domain, until: deadline, on: loop)
  }

  private func ask(_ name: Name, on loop: isolated EventLoop) async -> (Answer, Duration) {
    do throws(DNSError) {
      let until = MonotonicInstant.now().advanced(by: Self.patience)
      let answer = try await resolver(name.resolver).records(
        name.type, of: name.name, until: until, on: loop)
      return (.success(answer), min(max(answer.timeToLive, Self.lasts.lowerBound), Self.lasts.upperBound))
    } catch {
      return (.failure(error), Self.lasts.lowerBound)
    }
  }

  private func resolver(_ address: String?) -> Resolver {
    guard let address, let server = SocketAddress(server: address) else { return system }
    if let known = resolvers[address] { return known }
    var options = Resolver.Options()
    options.servers = [server]
    let resolver = Resolver(options)
    resolvers[address] = resolver
    return resolver
  }

  // MARK: MTA-STS

  /// Asks for the record; fetches the policy where the record has another id than the one known, or a day has
  /// passed (RFC 8461 section 3.3), or the policy's own time is over.
  private func policy(
    _ domain: Domain, _ last: PublishedPolicy?, on loop: isolated EventLoop
  ) async -> (PublishedPolicy, Duration) {
    let name = Name(name: "_mta-sts.\(domain.domain)", type: .txt, resolver: domain.resolver)
    let (answer, lasts) = await ask(name, on: loop)
    let record: MTASTSRecord
    switch answer {
    case .failure(let error): return (PublishedPolicy(.lookup(error.description)), lasts)
    case .success(let answer):
      do throws(RecordFault) {
        record = try MTASTSRecord(answer.texts)
      } catch {
        return (PublishedPolicy(.record(error)), lasts)
      }
    }
    let now = Timestamp(microseconds: WallClock.microseconds())
    if let last, last.record == record, let known = last.policy,
      now - known.fetchedAt < min(.seconds(86_400), known.policy.maxAge)
    {
      return (last, lasts)
    }
    do throws(TransferError) {
      let response = try await fetch(domain, on: loop)
      var published = PublishedPolicy(record: record, certificateExpiry: response.certificateExpiry)
      published.read(response, at: now)
      return (published, lasts)
    } catch {
      return (PublishedPolicy(.fetch(error.description), record: record), Self.lasts.lowerBound)
    }
  }

  private func fetch(
    _ domain: Domain, on loop: isolated EventLoop
  ) async throws(TransferError) -> TransferResponse {
    let host = "mta-sts.\(domain.domain)"
    var request = TransferRequest(url: "https://\(host)/.well-known/mta-sts.txt")
    do throws(DNSError) {
      let until = MonotonicInstant.now().advanced(by: Self.patience)
      request.addresses = try await resolver(domain.resolver).addresses(of: host, until: until, on: loop)
        .addresses
    } catch {
      throw .name(host: host, words: error.description)
    }
    request.caFile = domain.caFile
    request.timeout = Self.patience
    request.connectTimeout = Self.patience
    // RFC 8461 section 3.3: a policy is expected to be shorter.
    request.maxBytes = 65_536
    request.notesCertificate = true
    return try await transferClient().perform(request)
  }

  private func transferClient() throws(TransferError) -> TransferClient {
    if let client { return client }
    do throws(SystemError) {
      let fresh = try TransferClient()
      client = fresh
      return fresh
    } catch {
      throw .local(error.description)
    }
  }
}

/// What a domain publishes of MTA-STS, as far as it could be had.
struct PublishedPolicy: Sendable {
  /// Why there is no policy.
  enum Fault {
    case lookup(String)
    case record(RecordFault)
    case fetch(String)
    case policy(String)
  }

  var record: MTASTSRecord?
  var policy: (policy: MTASTSPolicy, fetchedAt: Timestamp)?
  var fault: Fault?
  /// Of the policy host's certificate.
  var certificateExpiry: Timestamp?

  /// A policy that is not to be had.
  init(_ fault: Fault, record: MTASTSRecord? = nil) {
    self.fault = fault
    self.record = record
  }

  /// A policy that is about to be read.
  init(record: MTASTSRecord, certificateExpiry: Timestamp?) {
    self.record = record
    self.certificateExpiry = certificateExpiry
  }

  /// Takes the answer of the policy host.
  mutating func read(_ response: TransferResponse, at now: Timestamp) {
    guard response.status == 200 else {
      return fault = .fetch("the policy host answers with the status \(response.status)")
    }
    do throws(MTASTSPolicy.Fault) {
      policy = (try MTASTSPolicy(response.body), now)
    } catch {
      fault = .policy(error.description)
    }
  }
}

extension SocketAddress {
  /// A server by its address, with or without a port; nil where that is none.
  fileprivate init?(server text: String) {
    if let plain = SocketAddress(literal: text, port: 53) {
      self = plain
      return
    }
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
      return nil
    }
    let host = text[..<colon].drop { $0 == "[" }
    self.init(literal: String(host.last == "]" ? host.dropLast() : host), port: port)
  }
}
