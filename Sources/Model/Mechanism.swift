/// A SASL mechanism that the prober can use. The raw values are those of the EHLO reply.
package enum Mechanism: String, CaseIterable, Sendable {
  case plain = "PLAIN"
  case login = "LOGIN"
  case cramMD5 = "CRAM-MD5"
  case scramSHA1 = "SCRAM-SHA-1"
  case scramSHA256 = "SCRAM-SHA-256"
  case scramSHA1Plus = "SCRAM-SHA-1-PLUS"
  case scramSHA256Plus = "SCRAM-SHA-256-PLUS"
  case xoauth2 = "XOAUTH2"
  case oauthBearer = "OAUTHBEARER"
  case external = "EXTERNAL"
}

extension Mechanism {
  /// It takes an OAuth access token.
  package var takesToken: Bool { self == .xoauth2 || self == .oauthBearer }

  /// It ties the login to the TLS session (RFC 5801 section 4).
  package var bindsChannel: Bool { self == .scramSHA1Plus || self == .scramSHA256Plus }

  /// It has no meaning without a TLS session.
  package var needsTLS: Bool { bindsChannel || self == .external }
}
