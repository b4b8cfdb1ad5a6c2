import Model

/// The members of a result for a person: a table of all, then what happened at each that does not work.
struct MemberReport {
  let members: [ProbeResult]
  let style: Style

  /// The lines of the table; none for a target of one address.
  var table: [String] {
    let width = members.map(\.place.count).max() ?? 0
    return members.map { member in
      let mark = member.success ? style.paint("✔", .good) : style.paint("✖", .bad)
      let place = member.place + String(repeating: " ", count: width - member.place.count)
      let state = style.paint(member.outcome.slug, member.outcome.meaning)
      let why =
        member.reason == .ok ? "" : "  \(member.stage.map { "\($0.slug) / " } ?? "")\(member.reason.slug)"
      return "  \(mark) \(place)  \(member.duration.milliseconds)  \(state)\(why)"
    }
  }

  /// What happened at each member that does not work, but for the one that the verdict tells of already.
  func details(beyond told: String?) -> [String] {
    members.filter { !$0.success && $0.address != told }.flatMap { member in
      var lines = ["\(style.paint(member.place, .strong))", "  Why   \(member.message)"]
      lines += member.evidence.map { "  Proof \($0.kind.rawValue): \($0.text)" }
      if !member.remedy.isEmpty { lines.append("  Cure  \(member.remedy)") }
      return lines
    }
  }
}
