import Model
import Monitor

/// A span in which a target was down, or the monitor could not tell: from one change of its state to the next.
struct Incident {
  var began: Timestamp
  /// nil while it lasts.
  var ended: Timestamp?
  var state: TargetState
  var reason: Reason?

  /// The incidents that events tell of, newest first; the events too.
  static func all(in events: [Event]) -> [Incident] {
    var incidents: [Incident] = []
    for event in events.reversed() where event.kind == .state {
      if let last = incidents.indices.last, incidents[last].ended == nil { incidents[last].ended = event.at }
      guard let state = event.to.flatMap(TargetState.init(rawValue:)), state < .pending else { continue }
      incidents.append(Incident(began: event.at, ended: nil, state: state, reason: event.reason))
    }
    return incidents.reversed()
  }
}

/// The incidents of a target, the newest first.
struct IncidentList {
  private static let most = 20

  var events: [Event]
  var now: Timestamp

  var html: HTML? {
    let incidents = Incident.all(in: events).prefix(Self.most)
    guard !incidents.isEmpty else { return nil }
    let rows = incidents.map { incident -> HTML in
      let end: HTML = incident.ended.map(time) ?? "<strong>goes on</strong>"
      return """
        <tr><td>\(Marks.state(incident.state))</td>\
        <td>\(incident.reason.map(Wording.reason) ?? "–")</td><td>\(time(incident.began))</td>\
        <td>\(end)</td><td class="number">\(Wording.span((incident.ended ?? now) - incident.began))</td></tr>

        """
    }
    return """
      <h2>Incidents</h2>
      <div class="scroll"><table>
      <caption>As far as the events reach back, newest first</caption>
      <thead><tr><th scope="col">State</th><th scope="col">Reason</th><th scope="col">Began</th>\
      <th scope="col">Ended</th><th scope="col" class="number">Lasted</th></tr></thead>
      <tbody>
      \(rows)</tbody></table></div>
      """
  }
}
