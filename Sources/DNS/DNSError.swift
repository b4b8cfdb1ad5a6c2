/// Why a name led to no address.
package enum DNSError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The name does not exist (NXDOMAIN, RFC 1035 section 4.1.1).
  case notFound
  /// The name exists, but has no address of the kind asked for (NODATA, RFC 2308 section 2.2).
  case noAddress
  /// The domain says that it takes no mail (null MX, RFC 7505).
  case acceptsNoMail
  /// The resolvers did not want to answer or could not: SERVFAIL, REFUSED, NOTIMP, FORMERR, an answer that cannot
  /// be read, in words.
  case refused(String)
  /// No answer in time.
  case timeout
  /// The name cannot be asked for.
  case malformed(String)
  /// The loop ended.
  case ended
  /// This host could not ask.
  case local(String)

  package var description: String {
    switch self {
    case .notFound: "the name does not exist (NXDOMAIN)"
    case .noAddress: "the name exists but has no address"
    case .acceptsNoMail: "the domain takes no mail (null MX)"
    case .refused(let words), .malformed(let words), .local(let words): words
    case .timeout: "the resolver did not answer in time"
    case .ended: "the monitor is stopping"
    }
  }
}
