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
