import Model

extension Section {
  /// The settings of a login. `isWhole` false lets what a target may still add be missing.
  func authSettings(isWhole: Bool) -> AuthSettings? {
    guard let section = section("auth", keys: Keys.auth, isSecretive: true) else { return nil }
    let username = section.parsed("username", UserName.check)
    let mechanism = section.mechanism()
    let allowPlaintext = section.flag("allow_plaintext") ?? false
    let proof = section.proof(for: mechanism, isWhole: isWhole)
    let isExternal = mechanism == .external
    if isWhole, isExternal, mapping.place(of: "tls.cert_file") == nil {
      reading.error(
        section.place("mechanism"), "mechanism EXTERNAL needs a client certificate",
        cure: "set tls.cert_file and tls.key_file")
    } else if isWhole, !isExternal, !section.has("username") {
      reading.error(section.place, "auth.username is missing", cure: "a login needs a user")
    }
    // The certificate alone can say who we are.
    let nobody = isExternal && !section.has("username") ? "" : nil
    guard let proof, let username = username ?? nobody else { return nil }
    let fileKey = ["password_file", "token_file"].first(where: section.has)
    return AuthSettings(
      username: username, proof: proof, secretFile: fileKey.flatMap { section.file($0) },
      mechanism: mechanism, allowPlaintext: allowPlaintext)
  }

  private func mechanism() -> Mechanism? {
    let auto = "auto"
    guard
      let word = parsed(
        "mechanism",
        { text throws(Complaint) in
          let words = [auto] + Mechanism.allCases.map(\.rawValue)
          if words.contains(text) { return text }
          guard let guess = words.nearest(to: text) else { throw Complaint("must be \(choices(words))") }
          // What is so near a mechanism's name is no secret that got here by mistake.
          throw Complaint(
            "must be \(choices(words)), found '\(shown(text))'", cure: "did you mean '\(guess)'?")
        })
    else { return nil }
    return Mechanism(rawValue: word)
  }

  /// What proves a login by this mechanism: one password or token, or the client certificate.
  private func proof(for mechanism: Mechanism?, isWhole: Bool) -> LoginProof? {
    let given = Mapping.proofs.filter(has)
    guard given.count < 2 else {
      reading.error(
        place(given[1]), "auth has \(given.joined(separator: " and "))", cure: "keep one of them",
        reason: .configCredentials)
      return nil
    }
    guard mechanism != .external else {
      if let key = given.first {
        reading.error(
          place(key), "mechanism EXTERNAL takes no \(key)",
          cure: "remove it; the client certificate of tls.cert_file is the proof", reason: .configCredentials)
      }
      return .certificate
    }
    guard let key = given.first else {
      if isWhole { reportMissingProof(for: mechanism) }
      return nil
    }
    let isToken = Mapping.tokens.contains(key)
    let proof: LoginProof? =
      if key == "oauth2" {
        tokenGrant(isWhole: isWhole).map { .grant($0) }
      } else {
        secret(key).map { isToken ? .token($0) : .password($0) }
      }
    guard let mechanism, mechanism.takesToken != isToken else { return proof }
    // A target may still bring what suits.
    guard isWhole else { return nil }
    let (taken, cure) =
      mechanism.takesToken
      ? ("a token", "set auth.token_file or auth.oauth2, or another mechanism")
      : ("a password", "set auth.password_file, or mechanism to XOAUTH2 or OAUTHBEARER")
    reading.error(
      place(key), "mechanism \(mechanism.rawValue) takes \(taken), not \(key)", cure: cure,
      reason: .configCredentials)
    return nil
  }

  private func reportMissingProof(for mechanism: Mechanism?) {
    let takesToken = mechanism?.takesToken ?? false
    reading.error(
      place, takesToken ? "auth has no token" : "auth has no password",
      cure: takesToken ? "set auth.token_file or auth.oauth2" : "set auth.password_file or auth.password_env",
      reason: .configCredentials)
  }

  /// The password or token that a setting gives or points to; nil where there is none, which is noted.
  func secret(_ key: String) -> Secret? {
    switch key {
    case "token_file":
      return file(key).flatMap { reading.token(path: $0, named: name(key), at: place(key)) }
    case "password_file", "client_secret_file", "refresh_token_file":
      return file(key).flatMap { reading.secret(.file(path: $0), named: name(key), at: place(key)) }
    case "password_env", "client_secret_env":
      return text(key).flatMap { reading.secret(.environment(name: $0), named: name(key), at: place(key)) }
    default:
      return rawText(key).flatMap { reading.checked(Array($0.utf8), named: name(key), at: place(key)) }
    }
  }
}
