import HTTP
import Model
import Monitor

/// What narrows the home page: counts by state, groups, and a form for the rest. Everything ends up in the
/// address, so that a view can be passed on.
struct StatusToolbar {
  /// More groups than these are left to the search.
  private static let mostGroups = 12

  var shell: PageShell
  var snapshot: Snapshot
  var filter: TargetFilter

  var html: HTML { "\(tally)\(groups)\(form)" }

  /// How many targets stand how; each links to those alone.
  private var tally: HTML {
    let counts = snapshot.counts
    let items = TargetState.allCases.compactMap { state -> HTML? in
      guard let count = counts[state] else { return nil }
      return """
        <li><a class="state \(state.rawValue)" href="\(shell.home)?state=\(state.rawValue)">\
        <span>\(count) \(state.rawValue)</span></a></li>
        """
    }
    let now = snapshot.takenAt
    let paused = snapshot.targets.count { $0.isLoginPaused(at: now) }
    let pause: HTML? = paused > 0 ? "<li>\(Marks.pause) \(paused) without login</li>" : nil
    let all: HTML? =
      filter.isActive
      ? "<li>Showing only \(filter.description). <a href=\"\(shell.home)\">Show all</a></li>" : nil
    return "<ul class=\"tally\">\(items)\(pause)\(all)</ul>"
  }

  /// Each group with how many of it work.
  private var groups: HTML? {
    var order: [String] = []
    var members: [String: [TargetSnapshot]] = [:]
    for target in snapshot.targets {
      guard let group = target.target.group else { continue }
      if members[group] == nil { order.append(group) }
      members[group, default: []].append(target)
    }
    guard (2...Self.mostGroups).contains(order.count) else { return nil }
    let items = order.map { name -> HTML in
      let targets = members[name] ?? []
      let worst = targets.map(\.state).min() ?? .pending
      let failing = targets.count { $0.state == .down }
      return """
        <li><a class="state \(worst.rawValue)" href="\(shell.home)?group=\(PercentEncoding.encode(name))">\
        <span>\(name)</span></a> \
        <span class="quiet">\(failing == 0 ? "\(targets.count)" : "\(failing) of \(targets.count) failing")\
        </span></li>
        """
    }
    return "<ul class=\"tally\" aria-label=\"Groups\">\(items)</ul>"
  }

  private var form: HTML? {
    guard snapshot.targets.count > 1 else { return nil }
    let states = TargetState.allCases.map {
      option($0.rawValue, Marks.word($0), isChosen: $0 == filter.state)
    }
    let orders = TargetFilter.Order.allCases.map { order in
      option(order.rawValue, order.rawValue, isChosen: order == filter.order)
    }
    let group: HTML? = filter.group.map { "<input type=\"hidden\" name=\"group\" value=\"\($0)\">" }
    return """
      <form class="narrow" method="get" action="\(shell.home)" role="search">
      <label>Search <input type="search" name="q" value="\(filter.words ?? "")" \
      placeholder="name, host or group"></label>
      <label>State <select name="state"><option value="">any</option>\(states)</select></label>
      <label>Sort by <select name="sort"><option value="">trouble first</option>\(orders)</select></label>
      \(group)<button>Show</button>
      </form>
      """
  }

  private func option(_ value: String, _ words: String, isChosen: Bool) -> HTML {
    "<option value=\"\(value)\"\(isChosen ? " selected" : "")>\(words)</option>"
  }
}

extension TargetSnapshot {
  /// Whether logins are suspended.
  func isLoginPaused(at now: Timestamp) -> Bool { authPausedUntil.map { $0 > now } ?? false }
}
