package import Model

/// What one conversation is to do, every value checked beforehand.
package struct SessionPlan: Sendable {
  package var dialect: Dialect
  package var tlsMode: TLSMode
  package var ehloName: EHLOName
  package var login: Login?
  package var transaction: Transaction?
  /// The greeting must be to somebody's liking.
  package var banner: BannerExpectation?
  /// Keywords that the EHLO reply must have, such as `STARTTLS` or `AUTH PLAIN`.
  package var expectedCapabilities: [String]
  /// The stage at which the server must refuse us: then a refusal (5yz) is success, and its lack is a fault.
  package var expectedRejection: Stage?

  /// A conversation that greets, encrypts as `tlsMode` says, and leaves.
  package init(tlsMode: TLSMode, ehloName: EHLOName, dialect: Dialect = .smtp) {
    self.tlsMode = tlsMode
    self.ehloName = ehloName
    self.dialect = dialect
    expectedCapabilities = []
  }

  /// How to log in.
  package struct Login: Sendable {
    package var username: String
    package var proof: LoginProof
    /// nil: the strongest that both sides know.
    package var mechanism: Mechanism?
    /// Log in without TLS too.
    package var allowPlaintext: Bool
    /// The server as it was asked for: OAUTHBEARER says that to it.
    package var host: String
    package var port: Int
    package var cryptography: any SASLCryptography
    /// What hides the proof in replies: made once for all sessions.
    private(set) var redaction: Redaction

    /// A login.
    package init(_ settings: AuthSettings, host: String, port: Int, cryptography: any SASLCryptography) {
      username = settings.username
      proof = settings.proof
      mechanism = settings.mechanism
      allowPlaintext = settings.allowPlaintext
      self.host = host
      self.port = port
      self.cryptography = cryptography
      redaction = settings.proof.secret.map(Redaction.init) ?? Redaction()
    }

    /// The same login with an access token in hand.
    package func with(token: Secret) -> Login {
      var login = self
      login.proof = .token(token)
      login.redaction = Redaction(token)
      return login
    }

    /// The login could be tied to the TLS session.
    package var mayBindChannel: Bool {
      guard case .password = proof else { return false }
      return switch mechanism {
      case nil, .scramSHA1, .scramSHA256, .scramSHA1Plus, .scramSHA256Plus: true
      default: false
      }
    }
  }

  /// What to do once greeted and logged in.
  package enum Transaction: Sendable, Equatable {
    /// MAIL, RCPT, RSET: nothing is sent. No sender is the null sender.
    case envelope(from: Mailbox?, to: Mailbox)
    /// MAIL, RCPT, DATA: the message is sent.
    case message(Message)
  }

  /// What the greeting's text must match.
  package struct BannerExpectation: Sendable {
    /// The regular expression, for people.
    package var pattern: String
    package var matches: @Sendable (String) -> Bool

    /// An expectation.
    package init(pattern: String, matches: @escaping @Sendable (String) -> Bool) {
      self.pattern = pattern
      self.matches = matches
    }
  }
}
