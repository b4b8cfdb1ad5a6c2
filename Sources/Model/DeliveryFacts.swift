/// What is known of the test messages of one target.
package struct DeliveryFacts: Sendable, Equatable {
  package var sent = 0
  package var delivered = 0
  /// Were under way for too long, whatever became of them.
  package var late = 0
  package var lost = 0
  package var inFlight = 0
  /// The last that arrived.
  package var last: Arrival?
  /// The last that was lost, by the server or address that took it over, where none that went there after it has
  /// arrived. A target that is one has one without a name.
  package var losses: [String: Missing] = [:]
  /// The ways of messages, by server or address; nothing for a target that is one.
  package var routes: [String: Route] = [:]
  /// Why the mailbox cannot be looked into; nil where it can.
  package var mailboxError: String?
  /// When the mailbox was last looked into.
  package var lookedAt: Timestamp?
  /// How many arrived, by where.
  package var folders: [FolderKind: Int] = [:]

  /// Nothing sent.
  package init() {}

  /// The loss that was sent last, of all servers.
  package var latestLoss: (route: String, loss: Missing)? {
    losses.max { ($0.value.sentAt, $1.key) < ($1.value.sentAt, $0.key) }.map { ($0.key, $0.value) }
  }
  package var missing: Missing? { latestLoss?.loss }

  /// What became of the messages that one server or address of several took over.
  package struct Route: Sendable, Equatable {
    package var sent = 0
    package var delivered = 0
    package var lost = 0
    package var lastLatency: Duration?

    /// Nothing sent.
    package init() {}
  }

  /// A sort of folder.
  package enum FolderKind: String, CaseIterable, Sendable {
    case inbox, junk, other
  }

  /// A message that arrived.
  package struct Arrival: Sendable, Equatable {
    package var at: Timestamp
    package var latency: Duration
    package var folder: FolderKind
    package var verdicts: AuthenticationVerdicts

    /// An arrival.
    package init(
      at: Timestamp, latency: Duration, folder: FolderKind, verdicts: AuthenticationVerdicts
    ) {
      self.at = at
      self.latency = latency
      self.folder = folder
      self.verdicts = verdicts
    }
  }

  /// A message that a server took over, and that did not arrive.
  package struct Missing: Sendable, Equatable {
    package var sentAt: Timestamp
    /// What the server called it; nil where it gave no name.
    package var queueID: String?

    /// A lost message.
    package init(sentAt: Timestamp, queueID: String?) {
      self.sentAt = sentAt
      self.queueID = queueID
    }
  }
}

/// What the receiving server found of the sender (RFC 8601).
package struct AuthenticationVerdicts: Sendable, Equatable {
  /// The words of RFC 8601 section 2.7, one for all others, and one for none at all.
  package enum Verdict: String, CaseIterable, Sendable {
    case pass, fail, softfail, neutral, none, policy, temperror, permerror, other, missing
  }

  package var spf = Verdict.missing
  package var dkim = Verdict.missing
  package var dmarc = Verdict.missing

  /// Nothing found.
  package init() {}

  /// Every method with its verdict.
  package var all: [(method: String, verdict: Verdict)] {
    [("spf", spf), ("dkim", dkim), ("dmarc", dmarc)]
  }
}
