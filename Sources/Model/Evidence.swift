/// A piece of what proves a verdict. Its text has no secret and no control characters.
package struct Evidence: Sendable, Equatable {
  /// What sort of thing it is; the value of `kind` in JSON.
  package enum Kind: String, Sendable {
    /// A reply of the server.
    case reply
    /// The first bytes heard.
    case bytes
    /// The TLS library's words.
    case openssl
    /// The system's error.
    case errno
    case dns
    case certificate
    /// What a follow-up check found.
    case check
    /// A member of the closed list of hints.
    case hint
    case note
  }

  package var kind: Kind
  package var text: String

  /// A piece of evidence.
  package init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }
}

/// A line of the conversation, secrets folded.
package struct TranscriptLine: Sendable, Equatable {
  /// Who spoke.
  package enum Speaker: String, Sendable {
    case server
    case client
    /// The prober's own remark, such as the end of the handshake.
    case note
  }

  /// Time since the probe began.
  package var at: Duration
  package var from: Speaker
  /// It went through TLS.
  package var tls: Bool
  package var text: String

  /// A line.
  package init(at: Duration, from: Speaker, tls: Bool, text: String) {
    self.at = at
    self.from = from
    self.tls = tls
    self.text = text
  }
}
