/// The name that a server gives a message with its reply to the end of it.
package enum QueueID {
  /// The name in a reply's text; nil where there is none that looks like one.
  package static func find(in reply: String) -> String? {
    // Postfix `queued as 4ABC`, Exim `id=1abc-…`, Sendmail `4ABC Message accepted`, others `queued as`, `<…> queued`.
    let patterns: [Regex<(Substring, Substring)>] = [
      /queued as ([A-Za-z0-9._@-]{4,100})/, /\bid=([A-Za-z0-9._@-]{4,100})/,
      /([A-Za-z0-9]{8,100}) [Mm]essage accepted/, /Ok:? ([A-Za-z0-9._@-]{12,100})/,
    ]
    for pattern in patterns {
      if let match = reply.firstMatch(of: pattern) { return String(match.1) }
    }
    return nil
  }
}
