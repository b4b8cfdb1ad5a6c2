extension String {
  /// An argument as a complaint about it shows it: in quotes, but for what stands before an '@', which may be a password.
  var quoted: String {
    guard let at = lastIndex(of: "@") else { return "'\(self)'" }
    return "'…\(self[at...])'"
  }
}
