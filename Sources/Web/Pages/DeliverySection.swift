import Model

/// What became of the target's test messages.
struct DeliverySection {
  var facts: DeliveryFacts
  var now: Timestamp

  /// The section.
  var html: HTML {
    """
    <h2>Delivery</h2>
    \(facts.mailboxError.map { "<p class=\"remedy\">The mailbox cannot be looked into: \($0)</p>" })
    <dl class="facts">
    \(fact("Test messages", "\(facts.sent) sent, \(facts.delivered) delivered, \(facts.late) late, \(facts.lost) lost, \(facts.inFlight) in flight"))
    \(facts.last.map { fact("Last arrival", "\(Wording.span(now - $0.at)) ago, after \(Wording.span($0.latency)), in \($0.folder.rawValue)") })
    \(facts.last.map { fact("Sender", "SPF \($0.verdicts.spf.rawValue), DKIM \($0.verdicts.dkim.rawValue), DMARC \($0.verdicts.dmarc.rawValue)") })
    \(losses)
    \(facts.lookedAt.map { fact("Mailbox", "looked into \(Wording.span(now - $0)) ago") })
    </dl>
    \(servers)
    """
  }

  private var losses: [HTML] {
    facts.losses.sorted { $0.key < $1.key }.map { route, loss in
      let id = loss.queueID.map { "queue id \($0)" } ?? "without a queue id"
      let server = route.isEmpty ? "" : "by \(route), "
      return fact("Lost", "accepted \(server)\(id), sent at \(Wording.moment(loss.sentAt))")
    }
  }

  /// One row a server, where the target is several.
  private var servers: HTML? {
    guard !facts.routes.isEmpty else { return nil }
    let rows = facts.routes.sorted { $0.key < $1.key }.map { name, route -> HTML in
      """
      <tr><th scope="row"><code>\(name)</code></th><td class="number">\(route.sent)</td>\
      <td class="number">\(route.delivered)</td><td class="number">\(route.lost)</td>\
      <td class="number">\(route.lastLatency.map(Wording.span) ?? "–")</td></tr>

      """
    }
    return """
      <div class="scroll"><table>
      <caption>Test messages by the server that took them over</caption>
      <thead><tr><th scope="col">Server</th><th scope="col" class="number">Sent</th>\
      <th scope="col" class="number">Delivered</th><th scope="col" class="number">Lost</th>\
      <th scope="col" class="number">Last took</th></tr></thead>
      <tbody>
      \(rows)</tbody></table></div>
      """
  }

  private func fact(_ name: String, _ value: String) -> HTML { "<dt>\(name)</dt><dd>\(value)</dd>" }
}
