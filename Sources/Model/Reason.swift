/// Why a probe ended as it did: a closed list. The number of a case is its row in the table of reasons,
/// the value of the label `reason` is its name in snake case.
///
/// The raw values are stored in history files: append, never renumber.
package enum Reason: UInt8, CaseIterable, Sendable {
  case ok = 0
  case configInvalid = 1
  case configModePortConflict = 2
  case configCredentials = 3
  case configTlsMaterial = 4
  case localError = 5
  case dnsNotFound = 6
  case dnsNoAddress = 7
  case dnsFailure = 8
  case connectRefused = 9
  case connectTimeout = 10
  case connectUnreachable = 11
  case egressBlocked = 12
  case wrongPort = 13
  case ipFamilyBroken = 14
  case bannerTimeout = 15
  case portExpectsTls = 16
  case portSpeaksPlaintext = 17
  case notSmtp = 18
  case bannerRejected = 19
  case blocklisted = 20
  case serverBusy = 21
  case rateLimited = 22
  case replyTimeout = 23
  case connClosed = 24
  case badReply = 25
  case commandRejected = 26
  case ehloRejected = 27
  case starttlsNotOffered = 28
  case starttlsStripped = 29
  case starttlsRefused = 30
  case starttlsInjection = 31
  case tlsVersion = 32
  case tlsRejected = 33
  case tlsWeakPeer = 34
  case tlsSni = 35
  case tlsClientCert = 36
  case tlsCorrupt = 37
  case tlsIntercepted = 38
  case certExpired = 39
  case certNotYetValid = 40
  case certSelfSigned = 41
  case certUntrusted = 42
  case certChainIncomplete = 43
  case certNameMismatch = 44
  case certRevoked = 45
  case certUnusable = 46
  case daneMismatch = 47
  case policyViolation = 48
  case authNotOffered = 49
  case authNeedsTls = 50
  case authMechanism = 51
  case authRejected = 52
  case authAppPassword = 53
  case authDisabled = 54
  case authToken = 55
  case authTemporary = 56
  case authRequired = 57
  case senderRejected = 58
  case recipientRejected = 59
  case messageRejected = 60
  case authServerUnverified = 61
  case expectationFailed = 62
  case localNetworkDown = 63
  case slow = 64
  case certExpiring = 65
  case recoveredOnRetry = 66
  case greylisted = 67

  /// The label value, such as `port_speaks_plaintext`.
  package var slug: String { Self.slugs[Int(rawValue)] }

  /// The reason with the label value `slug`.
  package init?(slug: String) {
    guard let index = Self.slugs.firstIndex(of: slug) else { return nil }
    self = Self.allCases[index]
  }

  private static let slugs: [String] = allCases.map { reason in
    String(describing: reason).reduce(into: "") { slug, letter in
      slug += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
    }
  }
}

/// Whether trying again can help.
package enum Retry: Sendable {
  /// In seconds.
  case soon
  /// In minutes.
  case later
  /// Pointless until somebody changes something.
  case pointless
  /// Never: it may lock the account.
  case never
}

/// Whose trouble it is.
package enum Severity: Sendable {
  /// The service is unusable for everybody.
  case service
  /// It is unusable for us or for our configuration.
  case configuration
  /// It works, and a person should know.
  case warning
  /// The monitor's own: the probe says nothing of the target.
  case prober
}

extension Reason {
  /// Whether a retry can help.
  package var retry: Retry {
    switch self {
    case .localError, .dnsFailure, .connectTimeout, .connectUnreachable, .serverBusy, .replyTimeout,
      .connClosed, .tlsCorrupt, .localNetworkDown:
      .soon
    case .connectRefused, .ipFamilyBroken, .bannerTimeout, .rateLimited, .starttlsRefused, .tlsRejected,
      .certNotYetValid, .authToken, .authTemporary:
      .later
    case .authRejected: .never
    default: .pointless
    }
  }

  /// Whose trouble it is.
  package var severity: Severity {
    switch self {
    case .ok, .slow, .certExpiring, .recoveredOnRetry, .greylisted, .configModePortConflict: .warning
    case .configInvalid, .configCredentials, .configTlsMaterial, .localError, .localNetworkDown: .prober
    case .dnsNotFound, .dnsNoAddress, .dnsFailure, .connectRefused, .connectTimeout, .connectUnreachable,
      .bannerTimeout, .bannerRejected, .serverBusy, .replyTimeout, .connClosed, .badReply, .commandRejected,
      .starttlsRefused, .tlsCorrupt, .certExpired, .certRevoked, .daneMismatch, .authRejected,
      .authTemporary, .authServerUnverified:
      .service
    default: .configuration
    }
  }

  /// The outcome that a probe with this reason has.
  package var outcome: Outcome {
    switch self {
    case .ok: .up
    case .slow, .certExpiring, .recoveredOnRetry, .greylisted: .degraded
    case .egressBlocked: .inconclusive
    default: severity == .prober ? .inconclusive : .down
    }
  }
}
