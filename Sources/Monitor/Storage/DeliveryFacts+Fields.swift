import Base
package import Model

// What became of test messages as fields, and which are under way, so that a later process finds them and counts their
// time from the moment that they were sent.
extension DeliverySnapshot: FieldGroup {
  static var blank: DeliverySnapshot { DeliverySnapshot(facts: DeliveryFacts(), latency: Histogram()) }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &facts)
    fields(2, &latency)
    fields(3, &journeys)
  }

  /// Nothing that has to be written down is different: the looks into a mailbox are not.
  func says(theSameAs other: DeliverySnapshot) -> Bool {
    var (mine, theirs) = (facts, other.facts)
    (mine.lookedAt, theirs.lookedAt) = (nil, nil)
    (mine.mailboxError, theirs.mailboxError) = (nil, nil)
    return mine == theirs && latency == other.latency && journeys == other.journeys
  }
}

/// A value by a name.
private struct Named<Value: FieldGroup>: FieldGroup {
  var name = ""
  var value: Value

  static var blank: Named { Named(value: .blank) }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &name)
    fields(2, &value)
  }
}

extension FieldWalk {
  /// Values by their names.
  fileprivate mutating func callAsFunction<Value: FieldGroup>(
    _ number: UInt8, _ values: inout [String: Value]
  ) {
    var list = values.map { Named(name: $0.key, value: $0.value) }.sorted { $0.name < $1.name }
    self(number, &list)
    values = Dictionary(list.map { ($0.name, $0.value) }) { first, _ in first }
  }
}

extension DeliveryJourney: FieldGroup {
  static var blank: DeliveryJourney {
    DeliveryJourney(token: "", sentAt: Timestamp(microseconds: 0), queueID: nil, route: "")
  }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields.required(1, &token)
    fields(2, &sentAt)
    fields(3, &queueID)
    fields(4, &route)
    fields(5, &isLate)
    fields(6, &isLost)
  }
}

extension DeliveryFacts: FieldGroup {
  static var blank: DeliveryFacts { DeliveryFacts() }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &sent)
    fields(2, &delivered)
    fields(3, &late)
    fields(4, &lost)
    fields(5, &inFlight)
    fields(6, &last)
    fields(7, &losses)
    fields(8, &mailboxError)
    fields(9, &lookedAt)
    fields(20, &routes)
    for (number, kind) in zip(UInt8(10)..., FolderKind.allCases) { fields(number, &folders[kind]) }
  }
}

extension DeliveryFacts.Arrival: FieldGroup {
  static var blank: DeliveryFacts.Arrival {
    DeliveryFacts.Arrival(
      at: Timestamp(microseconds: 0), latency: .zero, folder: .other, verdicts: AuthenticationVerdicts())
  }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &at)
    fields(2, &latency)
    fields(3, &folder)
    fields(4, &verdicts.spf)
    fields(5, &verdicts.dkim)
    fields(6, &verdicts.dmarc)
  }
}

extension DeliveryFacts.Missing: FieldGroup {
  static var blank: DeliveryFacts.Missing {
    DeliveryFacts.Missing(sentAt: Timestamp(microseconds: 0), queueID: nil)
  }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &sentAt)
    fields(2, &queueID)
  }
}

extension DeliveryFacts.Route: FieldGroup {
  static var blank: DeliveryFacts.Route { DeliveryFacts.Route() }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &sent)
    fields(2, &delivered)
    fields(3, &lost)
    fields(4, &lastLatency)
  }
}
