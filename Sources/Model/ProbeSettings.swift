/// How to probe: a module of the configuration with a target's overrides applied.
package struct ProbeSettings: Sendable, Equatable {
  /// The whole probe.
  package var timeout: Duration = .seconds(10)
  package var timeouts = StageTimeouts()
  package var diagnosis = DiagnosisLevel.active
  /// Follow-up checks beyond the usual ones, each once.
  package var checks: [OptionalCheck] = []
  package var tls = TLSSettings()
  /// The name in EHLO; nil means this host's own.
  package var ehlo: String?
  package var addresses = AddressChoice.any
  /// nil: as suits the kind of target; see `Target.rollUp`.
  package var rollUp: RollUp?
  /// The address of this host to connect from; nil: the system's choice.
  package var sourceAddress: String?
  package var proxyProtocol: ProxyProtocol?
  /// Further attempts, only after failures that a retry can help.
  package var retries = 1
  package var retryBackoff: Duration = .seconds(2)
  package var auth: AuthSettings?
  package var envelope: Envelope?
  package var send: SendSettings?
  /// Where the test messages of `send` arrive; nil where nobody looks.
  package var delivery: DeliverySettings?
  package var expect = Expectations()
  /// Above it an otherwise good probe is degraded; nil: never.
  package var slowAfter: Duration?
  package var certExpiryWarning: Duration = .seconds(14 * 86_400)
  package var policy = PolicySettings()

  /// The defaults of the configuration: STARTTLS required, 10 s, one retry.
  package init() {}
}

/// The caps of the stages; nil means the whole probe's timeout.
package struct StageTimeouts: Sendable, Equatable {
  package var dns: Duration?
  package var connect: Duration?
  package var tls: Duration?
  package var banner: Duration?
  package var reply: Duration?
  /// The reply to the end of a message.
  package var message: Duration?

  /// No caps but the whole probe's.
  package init() {}
}

/// What follow-up checks may do.
package enum DiagnosisLevel: String, CaseIterable, Sendable {
  case off
  /// No further connections.
  case passive
  case active
}

/// A follow-up check that has to be asked for, because it says what no mail client says. Made where `diagnosis` is
/// `active` only.
package enum OptionalCheck: String, CaseIterable, Sendable {
  /// Once a day, where STARTTLS works: a command in clear behind it, which nobody may answer inside TLS.
  case starttlsInjection = "starttls_injection"
  /// Where no greeting comes: a PROXY header first.
  case proxyHeader = "proxy_header"
}

/// Which of a host's addresses to probe.
package enum AddressChoice: String, CaseIterable, Sendable {
  /// The first of the resolver's order, as most clients do; follow-up checks try the others when it fails.
  case any
  case ipv4 = "4"
  case ipv6 = "6"
  /// One probe an address, rolled up.
  case each
}

/// How to speak TLS, and what to believe.
package struct TLSSettings: Sendable, Equatable {
  package var mode = TLSMode.starttls
  /// nil: the system's own minimum.
  package var minVersion: TLSVersion?
  package var maxVersion: TLSVersion?
  /// PEM file with the only authorities to trust; nil: the system's.
  package var caFile: String?
  /// Directory of PEM files with the only authorities to trust, together with those of `caFile`.
  package var caDirectory: String?
  /// PEM file with lists of revoked certificates; the server's must be on none, and one must be its issuer's.
  package var crlFile: String?
  /// Whether the server is asked for an OCSP staple, and what one that does not vouch for it does to the outcome.
  package var ocsp = PolicySettings.Level.off
  /// In OpenSSL's list format, with the suites of TLS 1.3 among them; nil: the system's own.
  package var ciphers: String?
  /// The name for SNI and the certificate check; nil: the host.
  package var serverName: String?
  /// PEM file with a client certificate and its chain.
  package var certFile: String?
  package var keyFile: String?
  /// The certificate's faults are reported, and forgiven.
  package var insecureSkipVerify = false

  /// STARTTLS with the system's trust.
  package init() {}
}

/// How to log in.
package struct AuthSettings: Sendable, Equatable {
  /// Empty where the client certificate alone says who we are.
  package var username: String
  package var proof: LoginProof
  /// The file that the password or token was read from, where it was one.
  package var secretFile: String?
  /// nil: the strongest that both sides know.
  package var mechanism: Mechanism?
  /// Log in without TLS too.
  package var allowPlaintext: Bool

  /// A login.
  package init(
    username: String, proof: LoginProof, secretFile: String? = nil, mechanism: Mechanism? = nil,
    allowPlaintext: Bool = false
  ) {
    self.username = username
    self.proof = proof
    self.secretFile = secretFile
    self.mechanism = mechanism
    self.allowPlaintext = allowPlaintext
  }

  /// A login with a password.
  package init(username: String, password: Secret, mechanism: Mechanism? = nil, allowPlaintext: Bool = false)
  {
    self.init(
      username: username, proof: .password(password), mechanism: mechanism, allowPlaintext: allowPlaintext)
  }
}

/// Sender and recipient of MAIL and RCPT.
package struct Envelope: Sendable, Equatable {
  /// Empty for the null sender.
  package var from: String
  package var to: String

  /// An envelope.
  package init(from: String, to: String) {
    self.from = from
    self.to = to
  }
}

/// A real message, sent every so often.
package struct SendSettings: Sendable, Equatable {
  package var envelope: Envelope
  /// From one message to the next, whatever the target's interval. The first one after a start comes at an offset of
  /// the target's own within it, so that a monitor that is started again and again sends none at each start; where
  /// the history is stored, it counts from the last message before.
  package var every: Duration
  package var subject: String
  /// Never more within 24 hours, whatever `every` says; 300 is one every 5 minutes, and a few.
  package var maxPerDay = 300
  /// Sent with BDAT where the server offers CHUNKING.
  package var chunking = false

  /// A test message.
  package init(
    envelope: Envelope, every: Duration = .seconds(900), subject: String = "smtpwatch test message"
  ) {
    self.envelope = envelope
    self.every = every
    self.subject = subject
  }
}

/// What a server must say beyond doing its work.
package struct Expectations: Sendable, Equatable {
  /// A regular expression that the greeting's text must match.
  package var banner: String?
  /// Keywords of the EHLO reply that must be there, such as `STARTTLS` or `AUTH PLAIN`.
  package var capabilities: [String] = []
  /// The stage at which the server must refuse us.
  package var reject: Stage?

  /// Nothing beyond the work.
  package init() {}
}
