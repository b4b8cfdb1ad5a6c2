import Model

extension Section {
  /// Where the login's access tokens come from: `oauth2` (RFC 6749). `isWhole` false lets what a target may still
  /// add be missing.
  func tokenGrant(isWhole: Bool) -> TokenGrant? {
    guard let section = section("oauth2", keys: Keys.oauth2, isSecretive: true) else { return nil }
    let url = section.parsed("token_url") { text throws(Complaint) in
      let url = try WebURL.check(text, cure: "write client_id and client_secret_file")
      guard !WebURL.isInClear(url) else {
        throw Complaint("would send secrets over the network in clear", cure: "use https://")
      }
      return url
    }
    let clientID = section.parsed("client_id", Self.checkedID)
    let secret = section.clientSecret()
    let kind = section.grantKind(isWhole: isWhole)
    if isWhole {
      for key in ["token_url", "client_id"] where !section.has(key) {
        reading.error(section.place, "\(section.name(key)) is missing", cure: "oauth2 has both")
      }
      if case .clientCredentials? = kind, !Self.clientSecrets.contains(where: section.has) {
        reading.error(
          section.place, "\(section.path) has neither a client secret nor a refresh token",
          cure: "set client_secret_file, and refresh_token_file where a person has signed in",
          reason: .configCredentials)
      }
    }
    let scopes = section.list("scopes", Self.checkedScope)
    let proof = section.choice("client_auth", TokenGrant.ClientProof.allCases)
    let authorities = section.file("ca_file")
    if let authorities {
      TLSMaterial.check(
        authorities, .authorities, named: section.name("ca_file"), at: section.place("ca_file"), reading)
    }
    guard let url, let clientID, let kind else { return nil }
    return TokenGrant(
      url: url, kind: kind, clientID: clientID, clientSecret: secret, clientProof: proof ?? .post,
      scopes: scopes ?? [], caFile: authorities)
  }

  private static let clientSecrets = ["client_secret_file", "client_secret_env"]

  private func clientSecret() -> Secret? {
    let given = Self.clientSecrets.filter(has)
    guard given.count < 2 else {
      reading.error(
        place(given[1]), "\(path) has \(given.joined(separator: " and "))", cure: "keep one of them",
        reason: .configCredentials)
      return nil
    }
    return given.first.flatMap { secret($0) }
  }

  /// The grant that is named, else the one that the settings speak for. A refresh token is read here to be
  /// checked only: by the time that it is used there may be a newer one.
  private func grantKind(isWhole: Bool) -> TokenGrant.Kind? {
    enum Name: String, CaseIterable { case client_credentials, refresh_token }
    let named = choice("grant", Name.allCases)
    let path = file("refresh_token_file")
    if has("refresh_token_file") { _ = secret("refresh_token_file") }
    switch named ?? (has("refresh_token_file") ? .refresh_token : .client_credentials) {
    case .client_credentials:
      if has("refresh_token_file") {
        reading.error(
          place("refresh_token_file"), "grant client_credentials takes no refresh_token_file",
          cure: "remove one of them", reason: .configCredentials)
      }
      return .clientCredentials
    case .refresh_token:
      if isWhole, !has("refresh_token_file") {
        reading.error(
          place, "grant refresh_token needs \(name("refresh_token_file"))",
          cure: "a person signs in once and keeps the refresh token there", reason: .configCredentials)
      }
      return path.map { .refreshToken(file: $0) }
    }
  }

  private static func checkedID(_ text: String) throws(Complaint) -> String {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      throw Complaint("must be printable ASCII", cure: "the provider gave it along with the secret")
    }
    return text
  }

  /// `scope-token` of RFC 6749 section 3.3.
  private static func checkedScope(_ text: String) throws(Complaint) -> String {
    let isGood = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
    guard !text.isEmpty, isGood else {
      throw Complaint("must hold scopes without blanks", cure: "write [A, B]")
    }
    return text
  }
}
