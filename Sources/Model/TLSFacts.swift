/// What a TLS session came to, as reported whether or not its certificate is good.
package struct TLSFacts: Sendable, Equatable {
  /// Such as `TLSv1.3`.
  package var version: String
  /// Such as `TLS_AES_256_GCM_SHA384`.
  package var cipher: String
  /// The certificate passed every check.
  package var verified: Bool
  /// Every fault found, the one that counts first.
  package var faults: [CertificateFault]
  package var certificate: CertificateFacts?
  /// The server asked for a client certificate.
  package var clientCertificateRequested: Bool
  /// The group of the key exchange, such as `x25519`; nil where there was none.
  package var group: String?
  /// The OCSP staple; nil where none was asked for.
  package var staple: StapleFacts?

  /// The facts of one session.
  package init(
    version: String, cipher: String, verified: Bool, faults: [CertificateFault],
    certificate: CertificateFacts?, clientCertificateRequested: Bool, group: String? = nil,
    staple: StapleFacts? = nil
  ) {
    self.version = version
    self.cipher = cipher
    self.verified = verified
    self.faults = faults
    self.certificate = certificate
    self.clientCertificateRequested = clientCertificateRequested
    self.group = group
    self.staple = staple
  }
}

/// A server's certificate, as values. Shared by every result that saw the same one.
package final class CertificateFacts: Sendable, Equatable {
  /// One line, such as `CN=mail.example.com,O=Example`.
  package let subject: String
  package let issuer: String
  /// The issuer's common name, else its organization, else empty.
  package let issuerCommonName: String
  /// DNS names and addresses of the subject alternative name; the common name where there are none.
  package let names: [String]
  /// SHA-256 of the DER form, lower-case hex.
  package let fingerprintSHA256: String
  /// Lower-case hex.
  package let serial: String
  package let notBefore: Timestamp
  package let notAfter: Timestamp
  /// The earliest end of any certificate that the server sent, the leaf among them.
  package let chainNotAfter: Timestamp
  /// How many certificates the server sent.
  package let chainLength: Int
  /// There is no alternative name, only a common name.
  package let isCommonNameOnly: Bool
  package let isSelfIssued: Bool
  /// The certificate says where its issuer's certificate can be fetched.
  package let namesIssuerLocation: Bool
  /// Its key's algorithm and size.
  package let key: KeyFacts?
  /// What its issuer signed it with, such as `sha256WithRSAEncryption`.
  package let signatureAlgorithm: String?
  /// Every certificate as it was sent, this one first; empty where nobody noted them.
  package let chain: [ChainLink]

  /// The facts of one certificate with its chain.
  package init(
    subject: String, issuer: String, issuerCommonName: String, names: [String], fingerprintSHA256: String,
    serial: String, notBefore: Timestamp, notAfter: Timestamp, chainNotAfter: Timestamp, chainLength: Int,
    isCommonNameOnly: Bool, isSelfIssued: Bool, namesIssuerLocation: Bool, key: KeyFacts? = nil,
    signatureAlgorithm: String? = nil, chain: [ChainLink] = []
  ) {
    self.subject = subject
    self.issuer = issuer
    self.issuerCommonName = issuerCommonName
    self.names = names
    self.fingerprintSHA256 = fingerprintSHA256
    self.serial = serial
    self.notBefore = notBefore
    self.notAfter = notAfter
    self.chainNotAfter = chainNotAfter
    self.chainLength = chainLength
    self.isCommonNameOnly = isCommonNameOnly
    self.isSelfIssued = isSelfIssued
    self.namesIssuerLocation = namesIssuerLocation
    self.key = key
    self.signatureAlgorithm = signatureAlgorithm
    self.chain = chain
  }

  package static func == (left: CertificateFacts, right: CertificateFacts) -> Bool {
    left === right
      || (left.fingerprintSHA256 == right.fingerprintSHA256 && left.chainNotAfter == right.chainNotAfter
        && left.chainLength == right.chainLength)
  }
}

/// A public key, as far as it is reported.
package struct KeyFacts: Sendable, Equatable {
  /// Such as `RSA`, `EC` or `ED25519`.
  package var algorithm: String
  /// Its size.
  package var bits: Int

  /// A key.
  package init(algorithm: String, bits: Int) {
    self.algorithm = algorithm
    self.bits = bits
  }
}

/// One certificate of a chain.
package struct ChainLink: Sendable, Equatable {
  package var subject: String
  package var notBefore: Timestamp
  package var notAfter: Timestamp

  /// A certificate.
  package init(subject: String, notBefore: Timestamp, notAfter: Timestamp) {
    self.subject = subject
    self.notBefore = notBefore
    self.notAfter = notAfter
  }

  /// How soon before its end it is time to renew: so much, or a third of its life where that is less, because
  /// certificates that live for days are renewed in their last.
  package func warning(atMost longest: Duration) -> Duration {
    min(longest, max(.zero, notAfter - notBefore) / 3)
  }

  /// What is left of its life, from 1 down to 0; nil where it has none.
  package func remainingShare(at now: Timestamp) -> Double? {
    let life = (notAfter - notBefore).seconds
    return life > 0 ? min(1, max(0, (notAfter - now).seconds / life)) : nil
  }
}

extension CertificateFacts {
  /// The certificates of the chain, or what is known of the server's own where they were not noted.
  package var links: [ChainLink] {
    guard chain.isEmpty else { return chain }
    let own = ChainLink(subject: subject, notBefore: notBefore, notAfter: notAfter)
    guard chainNotAfter < notAfter else { return [own] }
    // Nobody knows since when the other is valid.
    return [own, ChainLink(subject: issuer, notBefore: Timestamp(seconds: 0), notAfter: chainNotAfter)]
  }
}

/// One thing wrong with a certificate chain, in OpenSSL's numbers (X509_V_ERR_*).
package struct CertificateFault: Sendable, Hashable {
  /// Such as 10 for an expired certificate, 62 for a wrong host name.
  package var code: Int
  /// 0 is the server's own certificate.
  package var depth: Int
  /// The library's words.
  package var text: String

  /// The certificate is revoked, or the OCSP staple that should say that it is not does not do so.
  package var isOfRevocation: Bool { code == 23 || (73...75).contains(code) }

  /// A fault at a depth of the chain.
  package init(code: Int, depth: Int, text: String) {
    self.code = code
    self.depth = depth
    self.text = text
  }
}

/// How a TLS session broke, in the library's terms.
package struct TLSFault: Error, Sendable, Equatable {
  /// What the library said it was.
  package enum Kind: Sendable, Equatable {
    /// An error of the protocol; `entries` say which. Only errors of the SSL library count as `code`.
    case `protocol`
    /// The peer said that it closes.
    case closeNotify
    /// The stream ended without that.
    case endOfStream
  }

  package var kind: Kind
  /// The SSL library's packed code, such as 0x0A00010B; 0 where there is none.
  package var code: UInt32
  /// The code's reason: below 1000 it is our own verdict, from 1000 on the peer's alert plus 1000.
  package var reason: Int
  /// The library's words, such as `wrong version number`.
  package var text: String
  /// Every entry of the library's error queue, oldest first, for evidence.
  package var entries: [String]
  /// It happened after the handshake.
  package var isAfterHandshake: Bool
  /// The server asked for a client certificate.
  package var clientCertificateRequested: Bool

  /// The alert that the peer sent.
  package var alert: Int? { kind == .protocol && reason >= 1000 ? reason - 1000 : nil }

  /// A fault of a session.
  package init(
    kind: Kind, code: UInt32, reason: Int, text: String, entries: [String], isAfterHandshake: Bool,
    clientCertificateRequested: Bool
  ) {
    self.kind = kind
    self.code = code
    self.reason = reason
    self.text = text
    self.entries = entries
    self.isAfterHandshake = isAfterHandshake
    self.clientCertificateRequested = clientCertificateRequested
  }
}
