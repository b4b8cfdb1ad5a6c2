package import Model

/// A list of targets behind a URL, as in Prometheus's HTTP service discovery.
package struct TargetURL: Sendable, Equatable {
  /// What the list is called in metrics and log: the URL without its query, unless it was given a name.
  package var name: String
  package var url: String
  /// From one fetch to the next.
  package var interval: Duration = .seconds(60)
  /// For one fetch.
  package var timeout: Duration = .seconds(10)
  /// The only authorities to trust, PEM; the system's otherwise.
  package var caFile: String?
  package var login: Login?

  /// Who asks: a user with a password, or a token alone.
  package struct Login: Sendable, Equatable {
    package var username: String?
    package var secret: Secret
  }

  /// A URL that anybody may ask.
  package init(name: String, url: String) {
    self.name = name
    self.url = url
  }
}

extension TargetURL {
  /// What it says goes over a network unencrypted: anybody on the way can say something else.
  var isInClear: Bool { WebURL.isInClear(url) }
}

/// What came of a fetch.
package enum FetchedList: Sendable, Equatable {
  case text(Secret)
  /// Nothing, for the reason that these words tell.
  case failed(String)
}

extension Section {
  /// A member of `target_urls`; nil where it is no good, which is noted.
  func targetURL() -> TargetURL? {
    guard has("url") else {
      reading.error(place, "a member of target_urls has no url", cure: "write { url: https://… }")
      return nil
    }
    guard
      let url = parsed(
        "url",
        { text throws(Complaint) in
          try WebURL.check(text, cure: "write auth: { username: …, password_file: … }")
        })
    else { return nil }
    var source = TargetURL(name: String(url.prefix { $0 != "?" && $0 != "#" }), url: url)
    text("name").map { source.name = $0 }
    duration("interval", atLeast: .seconds(1)).map { source.interval = $0 }
    duration("timeout").map { source.timeout = $0 }
    if let path = file("ca_file") {
      TLSMaterial.check(path, .authorities, named: name("ca_file"), at: self.place("ca_file"), reading)
      source.caFile = path
    }
    source.login = urlLogin()
    if source.login != nil, source.isInClear {
      reading.error(
        self.place("url"), "auth would go over the network in clear", cure: "use https://")
    }
    return source
  }

  private func urlLogin() -> TargetURL.Login? {
    guard let section = section("auth", keys: Keys.urlAuth, isSecretive: true) else { return nil }
    let given = Keys.urlProofs.filter(section.has)
    let takesToken = section.has("token_file")
    guard given.count == 1, takesToken != section.has("username") else {
      reading.error(
        section.place, "\(section.path) must have a username with one password, or a token_file alone",
        reason: .configCredentials)
      return nil
    }
    guard let secret = section.secret(given[0]) else { return nil }
    if takesToken { return TargetURL.Login(secret: secret) }
    return section.text("username").map { TargetURL.Login(username: $0, secret: secret) }
  }
}
