package import Model

/// How we open sessions.
package struct ClientOptions: Sendable, Hashable {
  /// nil: the system's own minimum.
  package var minVersion: TLSVersion?
  package var maxVersion: TLSVersion?
  /// PEM file with a client certificate, its chain behind it.
  package var certFile: String?
  /// PEM file with its key; nil: the same file.
  package var keyFile: String?
  /// The library's security level, 0 to 5; nil: the system's own.
  package var securityLevel: Int?
  /// Ciphers in the library's list format, suites of TLS 1.3 by their names among them; nil: the system's own,
  /// the suite that every server must know first.
  package var ciphers: String?
  /// Old peers too: security level 0, TLS 1.0, and servers without RFC 5746. For measuring what a peer can do,
  /// never for secrets.
  package var allowsLegacy: Bool
  /// The server is asked for an OCSP staple.
  package var requestsStaple: Bool

  /// The system's defaults, or what differs from them.
  package init(
    minVersion: TLSVersion? = nil, maxVersion: TLSVersion? = nil, certFile: String? = nil,
    keyFile: String? = nil, securityLevel: Int? = nil, ciphers: String? = nil, allowsLegacy: Bool = false,
    requestsStaple: Bool = false
  ) {
    self.minVersion = minVersion
    self.maxVersion = maxVersion
    self.certFile = certFile
    self.keyFile = keyFile
    self.securityLevel = securityLevel
    self.ciphers = ciphers
    self.allowsLegacy = allowsLegacy
    self.requestsStaple = requestsStaple
  }
}

/// How a scripted server answers.
package struct ServerOptions: Sendable {
  package var identity: Identity
  package var minVersion: TLSVersion?
  package var maxVersion: TLSVersion?
  /// The library's security level; 0 so that a server can show any fault.
  package var securityLevel: Int
  /// Ciphers of TLS 1.2 and below, in the library's list format; nil: its default.
  package var ciphers: String?
  /// A client without a certificate is refused.
  package var requiresClientCertificate: Bool
  /// Who has to have issued the client's certificate.
  package var clientAuthority: Certificate?
  /// What is stapled to the handshake for clients that ask (RFC 6066 section 8): an OCSP response in DER, or whatever
  /// takes its place.
  package var staple: [UInt8]?

  /// A server that proves itself with `identity`.
  package init(
    identity: Identity, minVersion: TLSVersion? = nil, maxVersion: TLSVersion? = nil, securityLevel: Int = 0,
    ciphers: String? = nil, requiresClientCertificate: Bool = false, clientAuthority: Certificate? = nil
  ) {
    self.identity = identity
    self.minVersion = minVersion
    self.maxVersion = maxVersion
    self.securityLevel = securityLevel
    self.ciphers = ciphers
    self.requiresClientCertificate = requiresClientCertificate
    self.clientAuthority = clientAuthority
  }
}
