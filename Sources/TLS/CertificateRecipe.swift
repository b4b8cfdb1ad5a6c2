/// What a certificate to be minted looks like: good unless told otherwise.
package struct CertificateRecipe: Sendable {
  /// The kind and size of the key.
  package enum Key: Sendable {
    case p256
    /// 1024 bits are what verifiers call too small.
    case rsa(bits: Int)
  }

  /// The common name of the subject.
  package var commonName: String
  /// DNS names and literal addresses of the subject alternative name.
  package var names: [String]
  /// No subject alternative name at all, only a common name.
  package var isCommonNameOnly = false
  /// Counted from the authority's present.
  package var notBefore: Duration = .seconds(-3600)
  package var notAfter: Duration = .seconds(90 * 86_400)
  package var key = Key.p256
  /// Signed with SHA-1, which verifiers call too weak.
  package var isSHA1Signed = false
  /// For clients alone; a server's otherwise.
  package var isForClientsOnly = false
  /// The signature is by another key than the issuer's.
  package var isSignatureWrong = false
  /// The certificates of the issuers below the root are sent along.
  package var isChainSent = true
  /// It says that it always comes with an OCSP staple (RFC 7633).
  package var demandsStaple = false
  /// Where the issuer's certificate can be fetched (RFC 5280 section 4.2.2.1).
  package var issuerLocation: String?

  /// A certificate for these names; the first is the common name too.
  package init(names: [String]) {
    commonName = names.first ?? "nobody"
    self.names = names
  }
}
