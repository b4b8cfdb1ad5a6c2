package import Model

extension DeliveryTracker.News {
  /// A sentence for people.
  package var words: String {
    switch self {
    case .late(let name): "The test message \(name.words) is late."
    case .lost(let name): name.lossWords
    case .foundAfterLoss(let name, let latency):
      "The test message \(name.words) that was held to be lost arrived after \(latency.components.seconds) s."
    }
  }
}

extension DeliveryTracker.Name {
  fileprivate var words: String {
    let id = queueID.map { "with the queue id \($0), " } ?? ""
    return "\(id)sent\(route.isEmpty ? "" : " through \(route)") at \(sentAt.rfc3339),"
  }

  /// What a loss is, said plainly.
  fileprivate var lossWords: String {
    "The server\(route.isEmpty ? "" : " \(route)") accepted the test message, and it did not arrive: "
      + "\(queueID.map { "queue id \($0), " } ?? "")sent at \(sentAt.rfc3339)."
  }

  /// Where to look for it next.
  fileprivate func remedy(_ host: String) -> String {
    let place = route.isEmpty ? host : route
    let found =
      queueID.map { "Look for `\($0)` in the mail log of \(place)" }
      ?? "\(place) named no queue id: look in its mail log for what came in at \(sentAt.rfc3339)"
    return
      "\(found): it says where the message went, or why it waits. Where it was handed on, look next at the "
      + "receiving side: its log, its quarantine, the mailbox's rules and quota."
  }
}

extension DeliveryWatch {
  /// Notes what a probe sent, and says of its result what is known of messages before it: where the last one whose
  /// fate is known was lost, a server that otherwise works is degraded.
  package func judged(_ result: ProbeResult) -> ProbeResult {
    note(result)
    guard let facts = facts(of: result.target) else { return result }
    var result = result
    if let error = facts.mailboxError {
      result.warnings.insert(.mailboxUnreadable)
      result.evidence.append(Evidence(.note, "mailbox: \(error)"))
    }
    if let why = unsavedRefreshToken(of: result.target) { result.note(unsavedRefreshToken: why) }
    let routes = result.routes
    for (index, route) in routes.enumerated() where !result.members.isEmpty {
      guard let loss = facts.losses[route] else { continue }
      result.members[index].lose(DeliveryTracker.Name(loss, on: route))
    }
    guard let (route, loss) = facts.latestLoss else { return result }
    let others = facts.losses.count - 1
    result.lose(DeliveryTracker.Name(loss, on: route))
    if others > 0, result.outcome == .degraded, result.reason == .ok {
      result.message += " So it is with \(others) more of the target's servers."
    }
    return result
  }

  private func note(_ result: ProbeResult) {
    let routes = result.routes
    if !result.members.isEmpty || result.sentToken != nil { keep(routes: Set(routes), of: result.target) }
    for (route, part) in zip(routes, result.members.isEmpty ? [result] : result.members) {
      guard let token = part.sentToken else { continue }
      let id = part.reply.flatMap { QueueID.find(in: $0.text) }
      sent(
        token, of: result.target,
        DeliveryTracker.Name(sentAt: part.acceptedAt, queueID: id, route: route))
    }
  }
}

extension DeliveryTracker.Name {
  fileprivate init(_ loss: DeliveryFacts.Missing, on route: String) {
    self.init(sentAt: loss.sentAt, queueID: loss.queueID, route: route)
  }
}

extension ProbeResult {
  /// The ways of the members' messages, named after their hosts, and where those have several addresses, after these
  /// too. One without a name where the target is one.
  fileprivate var routes: [String] {
    guard !members.isEmpty else { return [""] }
    let hosts = members.map(\.host)
    return Set(hosts).count == hosts.count ? hosts : members.map(\.place)
  }

  /// Works, but for a message that did not arrive.
  fileprivate mutating func lose(_ name: DeliveryTracker.Name) {
    warnings.insert(.messageLost)
    guard outcome == .up else { return evidence.append(Evidence(.note, name.lossWords)) }
    outcome = .degraded
    message = name.lossWords
    remedy = name.remedy(host)
  }

  /// When the server took the message over: after every phase but QUIT.
  fileprivate var acceptedAt: Timestamp {
    startedAt
      + Phase.allCases.reduce(Duration.zero) { sum, phase in
        phase == .quit ? sum : sum + (phases[phase] ?? .zero)
      }
  }
}
