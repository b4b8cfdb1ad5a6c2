/// Why a transfer came to nothing. None of it shows a credential, a query or a body.
package enum TransferError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was waited for in vain.
  package enum Wait: String, Sendable {
    case connection = "accept a connection"
    case tls = "finish the TLS handshake"
    case answer = "finish its answer"
  }

  /// The request cannot be made as it is, in words.
  case request(String)
  /// The host has no address.
  case name(host: String, words: String)
  /// No address of the host took the connection.
  case connect(host: String, words: String)
  case timeout(host: String, Wait)
  /// The server's certificate is not to be trusted.
  case certificate(host: String, words: String)
  /// The file of authorities cannot be used.
  case authorities(path: String)
  /// The handshake failed for another reason than the certificate.
  case tls(host: String, words: String)
  /// The server sends the client elsewhere, where it may not go; the location without its query.
  case redirected(status: Int, location: String)
  /// More bytes than allowed.
  case tooLarge(host: String, limit: Int)
  /// The server does not accept the credentials; with IMAP, its code for why (RFC 5530 section 3).
  case loginRefused(host: String, code: String? = nil)
  /// The server cannot tell whether it accepts the credentials, for now (RFC 5530 section 3, UNAVAILABLE).
  case loginUnavailable(host: String)
  /// The IMAP server offers no login with an access token.
  case tokensUnknown(host: String)
  /// The connection broke, or what came is not what was to come.
  case broken(host: String, words: String)
  case cancelled
  /// This host could not.
  case local(String)

  package var description: String {
    switch self {
    case .request(let words): words
    case .name(let host, let words): "the address of \(host) cannot be found: \(words)"
    case .connect(let host, let words): "\(host) cannot be reached: \(words)"
    case .timeout(let host, let wait): "\(host) did not \(wait.rawValue) in time"
    case .certificate(let host, let words): "the certificate of \(host) is not trusted: \(words)"
    case .authorities(let path): "the CA certificates of \(path) cannot be read: it has to be a PEM file"
    case .tls(let host, let words): "no TLS with \(host): \(words)"
    case .redirected(let status, let location): "redirected (\(status)) to \(location), which is not followed"
    case .tooLarge(let host, let limit): "\(host) sends more than \(limit) bytes"
    case .loginRefused(let host, let code): "\(host) refuses the login\(code.map { " (\($0))" } ?? "")"
    case .loginUnavailable(let host): "\(host) cannot check logins for now (UNAVAILABLE)"
    case .tokensUnknown(let host): "\(host) takes no access tokens: it offers neither OAUTHBEARER nor XOAUTH2"
    case .broken(let host, let words): "\(host) broke off: \(words)"
    case .cancelled: "the transfer was cancelled"
    case .local(let words): words
    }
  }
}
