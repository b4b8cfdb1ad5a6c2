/// How to find out whether the test messages of `send` arrive.
package struct DeliverySettings: Sendable, Equatable {
  package var mailbox: MailboxSettings
  /// A message that is under way for longer is late.
  package var lateAfter: Duration = .seconds(300)
  /// A message that is under way for longer is lost.
  package var lostAfter: Duration = .seconds(3600)
  /// How often the mailbox is looked into; with a Maildir, besides what the kernel tells.
  package var pollInterval: Duration = .seconds(30)
  /// What tokens are signed with; nil: a key that ends with the process.
  package var key: Secret?

  /// The defaults for a mailbox.
  package init(mailbox: MailboxSettings) { self.mailbox = mailbox }
}

/// Where messages arrive.
package enum MailboxSettings: Sendable, Hashable {
  case imap(IMAPSettings)
  /// A Maildir's directory.
  case maildir(String)
  /// An address on which to receive them, `HOST:PORT` with an IP address.
  case lmtp(host: String, port: Int)
}

/// An account with an IMAP server.
package struct IMAPSettings: Sendable, Hashable {
  /// How to speak TLS; there is no way without.
  package enum TLS: String, CaseIterable, Sendable {
    case implicit, starttls
  }

  /// What proves the login.
  package enum Proof: Sendable, Hashable {
    case password(Secret)
    /// An OAuth access token.
    case token(Secret)
    /// An access token that is got when it is needed.
    case grant(TokenGrant)
  }

  package var host: String
  package var port: Int
  package var username: String
  package var proof: Proof
  package var tls: TLS
  /// PEM file with the only authorities to trust; nil: the system's.
  package var caFile: String?
  /// Empty: the inbox, and what the server marks or names as junk.
  package var folders: [String]

  /// An account.
  package init(
    host: String, port: Int, username: String, proof: Proof, tls: TLS = .implicit, caFile: String? = nil,
    folders: [String] = []
  ) {
    self.host = host
    self.port = port
    self.username = username
    self.proof = proof
    self.tls = tls
    self.caFile = caFile
    self.folders = folders
  }
}
