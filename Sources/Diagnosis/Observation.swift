package import Model
package import SMTP

/// What a prober saw when a probe went wrong, before it has a name: all that a verdict may rest on.
package struct Observation: Sendable {
  /// What went wrong.
  package var fault: Fault
  /// Where the probe stood. After the handshake of STARTTLS this is `ehlo` again.
  package var stage: Stage
  package var target: Target
  /// The name of the certificate check.
  package var serverName: String
  /// The name that was said in EHLO.
  package var ehloName: String
  /// The conversation is inside TLS.
  package var isInTLS: Bool
  /// The command that was not answered well, without arguments or secrets, such as `EHLO` or `AUTH PLAIN`.
  package var command: String?
  package var greeting: Reply?
  /// The last complete reply, whatever it was.
  package var lastReply: Reply?
  /// The EHLO lists in clear and inside TLS.
  package var clearCapabilities: [String]
  package var securedCapabilities: [String]
  /// The mechanism that was tried.
  package var mechanism: Mechanism?
  /// What the server said of its refusal within the AUTH exchange, such as the JSON of OAuth.
  package var loginRemark: String?
  /// Raw bytes heard where TLS was expected (at most 1 KiB): the first of the connection with implicit TLS,
  /// the first after the reply to STARTTLS, else those that broke a finished session; where a reply was awaited
  /// in vain, those of it that came.
  package var rawBytes: [UInt8]
  /// Bytes heard since TLS began; 0 with a timeout means that the server said nothing at all.
  package var bytesReceived: Int
  /// Bytes that the server's host had not acknowledged when the wait was over; nil where the system does not
  /// say.
  package var unsentBytes: Int?
  package var tls: TLSFacts?
  /// The connections tried, in order.
  package var attempts: [ConnectionAttempt]
  /// How long the stage took until it failed.
  package var elapsed: Duration
  /// What the stage was allowed.
  package var limit: Duration
  package var now: Timestamp
  /// The same target was probed well before, since the monitor knows it.
  package var hasWorkedBefore = false

  /// An observation; the rest is filled in where it is known.
  package init(fault: Fault, stage: Stage, target: Target, now: Timestamp) {
    self.fault = fault
    self.stage = stage
    self.target = target
    self.now = now
    serverName = target.settings.tls.serverName ?? target.host
    ehloName = target.settings.ehlo ?? ""
    isInTLS = false
    clearCapabilities = []
    securedCapabilities = []
    rawBytes = []
    bytesReceived = 0
    attempts = []
    elapsed = .zero
    limit = target.settings.timeout
  }
}

/// One attempt to connect to one address.
package struct ConnectionAttempt: Sendable, Equatable {
  package var address: String
  package var family: AddressFamily
  /// nil where it connected.
  package var failure: ConnectFailure?
  package var elapsed: Duration

  /// An attempt.
  package init(address: String, family: AddressFamily, failure: ConnectFailure?, elapsed: Duration) {
    self.address = address
    self.family = family
    self.failure = failure
    self.elapsed = elapsed
  }
}

/// Why a connection did not come about.
package enum ConnectFailure: Sendable, Equatable {
  case timeout
  /// The system's number and words.
  case system(errno: Int32, text: String)
}

/// Why a name did not resolve.
package enum NameFailure: Sendable, Equatable {
  /// NXDOMAIN.
  case notFound
  /// The name exists without an address of the wanted family.
  case noAddress
  /// The domain says that it takes no mail (null MX, RFC 7505).
  case acceptsNoMail
  /// SERVFAIL, REFUSED and their like, with the answer's words.
  case refused(String)
  /// No resolver answered.
  case timeout
  /// The name cannot be asked for.
  case malformed(String)
  /// The name leads to this address, which is no destination.
  case nowhere(String)
}

/// What went wrong, in the prober's terms.
package enum Fault: Sendable, Equatable {
  /// The configuration cannot be used; the reason and a sentence that names the setting.
  case configuration(Reason, String)
  /// The monitor's own trouble, such as no free descriptor.
  case local(String)
  case name(NameFailure)
  /// No attempt of `attempts` connected.
  case connect
  /// Nothing, or too little, came within `limit`.
  case timeout
  /// The server closed; `reset` tells RST from FIN.
  case closed(reset: Bool)
  /// What came is no reply (RFC 5321 section 4.2); the words say what is wrong with it.
  case badReply(String, bytes: [UInt8])
  /// A reply, and not one that the stage hopes for.
  case rejected(Reply)
  case tls(TLSFault)
  /// The handshake went well; the certificate has these faults.
  case certificate([CertificateFault])
  case starttlsNotOffered
  /// Bytes in clear were waiting behind the reply to STARTTLS (RFC 3207).
  case plaintextAcrossTLS([UInt8])
  case authNotOffered
  /// A login was due in clear, and is not allowed there.
  case authWithoutTLS
  case noCommonMechanism(offered: [String], wanted: [String])
  /// There is no access token to log in with; all before the login went well.
  case token(TokenFault)
  /// The server could not prove that it knows the password.
  case serverUnverified(String)
  /// An `expect` of the configuration was not met.
  case expectation(wanted: String, saw: String)
  /// A policy of the domain has to hold, and does not.
  case policy(PolicyBreach)
}
