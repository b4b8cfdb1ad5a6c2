package import Model

/// The mechanism of a login as a flag names it.
package enum MechanismName {
  /// The mechanism; nil for `auto`. Flags give no other proof than a password.
  package static func check(_ text: String) throws(Complaint) -> Mechanism? {
    guard text.lowercased() != "auto" else { return nil }
    let names = Mechanism.allCases.map(\.rawValue)
    guard let mechanism = Mechanism(rawValue: text.uppercased()) else {
      let guess = names.nearest(to: text.uppercased()).map { "did you mean \($0)?" }
      throw Complaint("is no mechanism", cure: guess ?? "known are auto, \(names.joined(separator: ", "))")
    }
    guard !mechanism.takesToken else {
      throw Complaint("takes a token", cure: "use a configuration, with auth.token_file or auth.oauth2")
    }
    guard mechanism != .external else {
      throw Complaint("takes a client certificate", cure: "use a configuration, with tls.cert_file")
    }
    return mechanism
  }
}
