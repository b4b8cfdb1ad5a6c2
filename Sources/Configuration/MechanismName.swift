package import Model

/// The mechanism of a login as a flag names it.
package enum MechanismName {
  /// The mechanism; nil for `auto`.
  package static func check(_ text: String) throws(Complaint) -> Mechanism? {
    guard text.lowercased() != "auto" else { return nil }
    let names = Mechanism.allCases.map(\.rawValue)
    guard let mechanism = Mechanism(rawValue: text.uppercased()) else {
      let guess = names.nearest(to: text.uppercased()).map { "did you mean \($0)?" }
      throw Complaint("is no mechanism", cure: guess ?? "known are auto, \(names.joined(separator: ", "))")
    }
    guard Support.has(.mechanism(mechanism)) else {
      throw Complaint("is not supported by this version", cure: "use auto, PLAIN, LOGIN or CRAM-MD5")
    }
    return mechanism
  }
}
