package import Model

/// A suggestion as lines to copy: two of the configuration, then the same for an environment and as a URL.
package func settings(for suggestion: Suggestion, host: String) -> [String] {
  let isAddress = host.utf8.contains(UInt8(ascii: ":"))
  let scheme =
    switch suggestion.tlsMode {
    case .implicit: "smtps"
    case .starttls: "smtp"
    case .opportunistic, .none: "smtp+plain"
    }
  var lines = ["port: \(suggestion.port)", "tls: { mode: \(suggestion.tlsMode.rawValue) }"]
  // Where only a port is given, 465 means TLS from the first byte and any other STARTTLS.
  if suggestion.tlsMode == (suggestion.port == 465 ? .implicit : .starttls) {
    lines.append("SMTP_PORT=\(suggestion.port)")
  }
  lines.append("\(scheme)://\(isAddress ? "[\(host)]" : host):\(suggestion.port)")
  return lines
}
