import Delivery
import Model
import Monitor
import OAuth

// What the rooms that send, look and remember tell each other of test messages.

extension DeliverySnapshot {
  /// What the board shows and writes down.
  init(_ tracker: DeliveryTracker) {
    self.init(facts: tracker.facts, latency: tracker.latency, journeys: tracker.past.journeys)
  }
}

extension DeliveryTracker.Past {
  /// What the board knew.
  init(_ snapshot: DeliverySnapshot) {
    self.init(facts: snapshot.facts, latency: snapshot.latency, journeys: snapshot.journeys)
  }
}

extension MailboxTokens {
  /// The tokens that a keeper has.
  init(_ keeper: TokenKeeper) {
    self.init(
      state: { keeper.state(of: $0) }, firstAnswer: { await keeper.firstAnswer(for: $0) },
      refused: { keeper.renew($0) })
  }
}

extension Target {
  /// Where the access tokens for its mailbox come from, if it has such.
  var mailboxGrant: TokenGrant? {
    if case .imap(let settings)? = settings.delivery?.mailbox, case .grant(let grant) = settings.proof {
      grant
    } else {
      nil
    }
  }
}
