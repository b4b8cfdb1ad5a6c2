package import Loop
package import Model

/// What to fetch or send, from where, as whom, and within which bounds. It goes no other way than it says:
/// nothing is taken from the environment, and no protocol is spoken that is not allowed.
package struct TransferRequest: Sendable {
  /// The first word of a URL.
  package enum Scheme: String, Sendable {
    case https, http, imaps, imap
  }

  /// What is sent along.
  package enum Body: Sendable {
    case none
    /// Bytes with their media type.
    case bytes(Secret, type: String)
    /// `application/x-www-form-urlencoded`, fields in this order.
    case form([FormField])
  }

  /// One field of a form. Forms carry tokens, so that every value is kept as a secret.
  package struct FormField: Sendable {
    package var name: String
    package var value: Secret

    /// A field.
    package init(_ name: String, _ value: Secret) {
      self.name = name
      self.value = value
    }
  }

  /// Who asks.
  package enum Credentials: Sendable {
    case none
    /// HTTP Basic (RFC 7617), or a login with IMAP.
    case basic(user: String, password: Secret)
    /// HTTP Bearer (RFC 6750); with IMAP, OAUTHBEARER or XOAUTH2 as this user.
    case bearer(user: String, token: Secret)
  }

  /// Without user or password in it.
  package var url: String
  /// What `url` may begin with.
  package var allowedSchemes: Set<Scheme> = [.https]
  /// HTTP's method; nil for GET, or POST where there is a body.
  package var method: String?
  /// A command of IMAP to be sent in place of the one that the URL means.
  package var command: String?
  package var body = Body.none
  package var headers: [(name: String, value: String)] = []
  package var credentials = Credentials.none
  /// The host's addresses, where they are known; it is looked up otherwise.
  package var addresses: [SocketAddress] = []
  /// The only authorities to trust, PEM; the system's otherwise.
  package var caFile: String?
  /// With `imap`, whether STARTTLS must come before the login.
  package var requiresStartTLS = true
  /// From the first look-up to the last byte. With IMAP each reply has twenty seconds of it at the most.
  package var timeout: Duration = .seconds(30)
  /// To the end of the TLS handshake.
  package var connectTimeout: Duration = .seconds(10)
  /// As many bytes of header or of body are the most.
  package var maxBytes = 1 << 20
  /// How many redirects a GET follows. To another origin no credentials and headers of ours go along.
  package var maxRedirects = 0
  /// Leaves the connection open for the next request to the same place.
  package var keepsConnection = false
  /// `https_proxy`, `no_proxy` and their like of the environment are heeded.
  package var usesEnvironmentProxy = false
  /// Notes when the server's certificate expires.
  package var notesCertificate = false

  /// A GET of a `https` URL.
  package init(url: String) { self.url = url }
}
