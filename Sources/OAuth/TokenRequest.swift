import Model
import Transfer

extension TransferRequest {
  /// The request for an access token (RFC 6749 sections 4.4.2 and 6).
  ///
  /// - Parameter refreshToken: with that grant, the token as it is now.
  init(for grant: TokenGrant, refreshToken: Secret?) {
    self.init(url: grant.url)
    // The configuration lets `http` lead to this host only.
    allowedSchemes = [.https, .http]
    var fields: [FormField] = []
    if let refreshToken {
      fields = [
        FormField("grant_type", Secret("refresh_token")), FormField("refresh_token", refreshToken),
      ]
    } else {
      fields = [FormField("grant_type", Secret("client_credentials"))]
    }
    if !grant.scopes.isEmpty {
      fields.append(FormField("scope", Secret(grant.scopes.joined(separator: " "))))
    }
    if grant.clientProof == .basic, let secret = grant.clientSecret {
      // Both are form-encoded first (section 2.3.1).
      let user = String(decoding: formEncoded(Secret(grant.clientID)).bytes, as: UTF8.self)
      credentials = .basic(user: user, password: formEncoded(secret))
    } else {
      fields.append(FormField("client_id", Secret(grant.clientID)))
      if let secret = grant.clientSecret { fields.append(FormField("client_secret", secret)) }
    }
    body = .form(fields)
    headers = [("Accept", "application/json")]
    caFile = grant.caFile
    timeout = .seconds(15)
    maxBytes = 1 << 16
  }
}
