/// What a server sent along to prove that the issuer of its certificate has not withdrawn it: an OCSP response
/// (RFC 6960), stapled to the handshake (RFC 6066 section 8).
package struct StapleFacts: Sendable, Equatable {
  /// What came of it.
  package enum Status: String, Sendable, CaseIterable {
    /// The issuer vouches for the certificate.
    case good
    /// The issuer has withdrawn the certificate.
    case revoked
    /// The responder does not know the certificate.
    case unknown
    /// Nothing was sent.
    case none
    /// What was sent proves nothing: it cannot be read, is signed by somebody else, is about another certificate, or
    /// is out of date.
    case invalid
  }

  package var status: Status
  /// When the responder knew what it says, and until when that holds; nil where it does not say.
  package var thisUpdate: Timestamp?
  package var nextUpdate: Timestamp?
  /// When the certificate was withdrawn, and why, such as `keyCompromise`.
  package var revokedAt: Timestamp?
  package var revocationReason: String?
  /// The certificate says that it always comes with a staple (must-staple, RFC 7633).
  package var isDemanded: Bool
  /// Why it is not `good`, in words; empty where it is.
  package var detail: String

  /// What a staple came to.
  package init(status: Status, isDemanded: Bool = false, detail: String = "") {
    self.status = status
    self.isDemanded = isDemanded
    self.detail = detail
  }

  /// Something is wrong, also where nobody requires a staple: clients that look at it turn away.
  package var isBroken: Bool {
    switch status {
    case .good: false
    case .none: isDemanded
    case .revoked, .unknown, .invalid: true
    }
  }
}
