package import Model

/// Where a password comes from.
package enum SecretSource: Sendable, Equatable {
  case file(path: String)
  case environment(name: String)
}

extension SecretSource {
  /// The secret, with what looks odd about it; throws where there is none. Nothing that is thrown or returned
  /// shows it. For settings of the command line; `place` says which.
  package func read(environment: [String: String], at place: Place) throws(ConfigurationError) -> (
    secret: Secret, warnings: [Finding]
  ) {
    let reading = Reading(environment: environment, directory: "")
    let secret = reading.secret(self, named: "the password", at: place)
    let warnings = try reading.warnings()
    guard let secret else { throw ConfigurationError(reading.findings) }
    return (secret, warnings)
  }
}

extension Reading {
  /// The secret of a source; nil where there is none, which is noted.
  func secret(_ source: SecretSource, named name: String, at place: Place) -> Secret? {
    switch source {
    case .environment(let variable):
      guard Expansion.isName(variable) else {
        error(
          place, "\(name) must be the name of a variable", cure: "write NAME, without $ and braces",
          reason: .configCredentials)
        return nil
      }
      guard let value = environment[variable] else {
        error(
          place, "\(name) names the variable \(variable), which is not set",
          cure: "set \(variable) in the environment", reason: .configCredentials)
        return nil
      }
      return checked(Array(value.utf8), named: "\(name): the value of \(variable)", at: place)
    case .file(let path):
      let bytes: [UInt8]
      do throws(FileText.Fault) {
        bytes = try contents(of: path)
      } catch let fault {
        error(place, "\(name): cannot read \(path): \(fault.message)", reason: .configCredentials)
        return nil
      }
      if let strangers = FileText.strangers(of: path) {
        warn(
          place, "\(name): \(strangers.rawValue) can read \(path)", cure: strangers.cure(for: path),
          reason: .configCredentials)
      }
      return checked(withoutLineEnd(bytes), named: "\(name): the content of \(path)", at: place)
    }
  }

  /// The access token of a file (`b64token` of RFC 6750 section 2.1).
  func token(path: String, named name: String, at place: Place) -> Secret? {
    guard let secret = secret(.file(path: path), named: name, at: place) else { return nil }
    guard secret.bytes.allSatisfy({ (0x21...0x7E).contains($0) }), secret.bytes.first != UInt8(ascii: "{")
    else {
      error(
        place, "\(name): the content of \(path) is no access token",
        cure: "keep the token alone, without the JSON or the word Bearer around it",
        reason: .configCredentials)
      return nil
    }
    return secret
  }

  /// A secret of these bytes, checked for the marks of damage on its way here.
  func checked(_ bytes: [UInt8], named name: String, at place: Place) -> Secret? {
    let fault = { (words: String, cure: String) in
      self.error(place, "\(name) \(words)", cure: cure, reason: .configCredentials)
    }
    let doubt = { (words: String, cure: String) in
      self.warn(place, "\(name) \(words)", cure: cure, reason: .configCredentials)
    }
    guard let first = bytes.first, let last = bytes.last else {
      fault("is empty", "a login needs a password")
      return nil
    }
    let isLineEnd = { (byte: UInt8) in byte == 0x0A || byte == 0x0D }
    if isLineEnd(last) {
      fault("ends with a line end", "remove it; only a file's last one is left out by itself")
      return nil
    }
    if bytes.contains(where: isLineEnd) {
      fault("has more than one line", "keep the password alone")
      return nil
    }
    if bytes.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
      fault("has a control character in it", "the password is damaged; write it anew")
      return nil
    }
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    if isBlank(first) || isBlank(last) {
      doubt("has a blank at its edge", "remove it if it was pasted along")
    }
    if bytes.count > 1, first == last, first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
      doubt("has quotes around it", "remove them if they are not part of it")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    if text.contains("${") {
      doubt("has '${' in it, which is not expanded here", "use password_env: NAME to take it from a variable")
    }
    if text.contains("\u{FEFF}") { doubt("has a byte order mark in it", "save it as plain UTF-8") }
    return Secret(bytes)
  }

  /// What stands before the one line end that editors put at a file's end.
  private func withoutLineEnd(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    if bytes.last == 0x0A {
      bytes.removeLast()
      if bytes.last == 0x0D { bytes.removeLast() }
    }
    return bytes
  }
}
