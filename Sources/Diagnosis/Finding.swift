package import Model
package import SMTP

/// What a follow-up check found.
package enum Finding: Sendable, Equatable {
  /// A ClientHello was answered: TLS came up, and this greeting inside it, if any.
  case implicitTLSGreeted(TLSFacts, greeting: Reply?)
  /// A ClientHello was not answered, or not with TLS; the words say how, and what came in clear instead may tell who
  /// is there.
  case clientHelloFailed(String, heard: [UInt8] = [])
  /// STARTTLS on the target's own port came to a finished handshake.
  case starttlsWorks(TLSFacts, greeting: Reply)
  /// The target's own port greets in clear, and does not do STARTTLS.
  case starttlsMissing(greeting: Reply)
  /// A sibling port greeted, inside TLS where the mode is `implicit`.
  case siblingGreeted(port: Int, mode: TLSMode, greeting: Reply)
  /// A sibling port accepted the connection and did not greet.
  case siblingMute(port: Int)
  case siblingRefused(port: Int)
  /// A sibling port did not answer the attempt to connect.
  case siblingSilent(port: Int)
  case addressAnswered(address: String, family: AddressFamily)
  case addressFailed(ConnectionAttempt)
  case ladder(TLSRung, LadderOutcome)
  case resolver(address: String, ResolverAnswer)
  case nameAccepted(String)
  case nameRefused(String, Reply)
  /// After a PROXY header the port greeted.
  case proxyHeaderGreeted(Reply)
  /// A PROXY header made no difference.
  case proxyHeaderIgnored
  /// A command in clear behind STARTTLS was answered inside TLS.
  case commandCrossedTLS(Reply)
  /// Such a command was not.
  case commandDropped

  /// How a rung of the ladder went.
  package enum LadderOutcome: Sendable, Equatable {
    case succeeded(TLSFacts)
    /// In the library's words.
    case failed(String)
  }

  /// What a resolver said when it was asked directly.
  package enum ResolverAnswer: Sendable, Equatable {
    case addresses([String])
    /// NXDOMAIN.
    case notFound
    /// NOERROR without addresses.
    case noAddress
    /// Neither, in words that name the response code, such as `SERVFAIL`.
    case refused(String)
    case silent
  }

  /// Nothing that a later check finds can change the verdict.
  package var isDecisive: Bool {
    switch self {
    case .implicitTLSGreeted, .starttlsWorks, .addressAnswered, .nameAccepted, .ladder(_, .succeeded),
      .proxyHeaderGreeted:
      true
    case .siblingGreeted(_, _, let greeting): greeting.isWelcome
    case .clientHelloFailed(_, let heard): Service.foreign(in: heard) != nil
    default: false
    }
  }

  /// The finding as evidence; `quote` makes a server's words fit to show.
  func evidence(quote: (Reply) -> String) -> Evidence {
    let words: String =
      switch self {
      case .implicitTLSGreeted(let facts, let greeting?):
        "a ClientHello was answered: \(facts.version), then \(quote(greeting))"
      case .implicitTLSGreeted(let facts, nil):
        "a ClientHello was answered: \(facts.version), no greeting after it"
      case .clientHelloFailed(let words, _): "a ClientHello got no TLS: \(words)"
      case .starttlsWorks(let facts, let greeting):
        "STARTTLS on the same port works: \(quote(greeting)), then \(facts.version) \(facts.cipher)"
      case .starttlsMissing(let greeting):
        "the same port greets in clear and does not offer STARTTLS: \(quote(greeting))"
      case .siblingGreeted(let port, let mode, let greeting):
        "port \(port) of the same address greets\(mode == .implicit ? " inside TLS" : ""): \(quote(greeting))"
      case .siblingMute(let port): "port \(port) of the same address accepts connections and says nothing"
      case .siblingRefused(let port): "port \(port) of the same address refuses connections"
      case .siblingSilent(let port): "port \(port) of the same address does not answer"
      case .addressAnswered(let address, let family): "\(address) (\(family.rawValue)) accepts connections"
      case .addressFailed(let attempt):
        "\(attempt.address) (\(attempt.family.rawValue)) does not accept connections: \(attempt.words)"
      case .ladder(let rung, .succeeded(let facts)):
        "a handshake with \(rung.rawValue) works: \(facts.version) \(facts.cipher)"
      case .ladder(let rung, .failed(let words)): "a handshake with \(rung.rawValue) fails too: \(words)"
      case .resolver(let address, let answer): "resolver \(address): \(answer.words)"
      case .nameAccepted(let name): "EHLO \(name) is accepted"
      case .nameRefused(let name, let reply): "EHLO \(name) is refused too: \(quote(reply))"
      case .proxyHeaderGreeted(let greeting): "after a PROXY header the port greets: \(quote(greeting))"
      case .proxyHeaderIgnored: "a PROXY header brought no greeting either"
      case .commandCrossedTLS(let reply):
        "NOOP in clear, in one segment with STARTTLS, was answered inside TLS: \(quote(reply))"
      case .commandDropped: "NOOP in clear behind STARTTLS was not answered inside TLS"
      }
    return Evidence(.check, Excerpt.text(words, limit: Excerpt.evidenceLimit))
  }
}

extension Reply {
  /// A mail server's greeting that lets the client go on.
  var isWelcome: Bool { code == 220 && Service.recognized(in: self) == .smtp }
}

/// A finding in words, without secrets.
package func words(of finding: Finding, observation: Observation) -> String {
  let inquiry = Inquiry(observation)
  return finding.evidence { inquiry.quote($0) }.text
}

extension Finding.ResolverAnswer {
  fileprivate var words: String {
    switch self {
    case .addresses(let addresses): "answers " + addresses.prefix(4).joined(separator: ", ")
    case .notFound: "NXDOMAIN"
    case .noAddress: "NOERROR without addresses"
    case .refused(let code): code
    case .silent: "no answer"
    }
  }
}

extension ConnectionAttempt {
  /// How it went, for people.
  var words: String {
    switch failure {
    case .system(let errno, let text): "\(text) (errno \(errno))"
    case .timeout: "no answer"
    case nil: "connected"
    }
  }
}
