import Model
import Monitor

/// The servers and addresses of a target, one a row, those of one host below its name.
struct MemberTable {
  var members: [ProbeResult]

  /// The section of a target's page; nothing for a target of one address.
  var section: HTML? {
    guard !members.isEmpty else { return nil }
    return """
      <h2>Servers and addresses</h2>
      <div class="scroll"><table class="stacked">
      <caption>\(summary) in the last probe</caption>
      <thead><tr><th scope="col">Server</th><th scope="col">State</th><th scope="col">Reason</th>\
      <th scope="col" class="number">Took</th><th scope="col">TLS</th><th scope="col">What happened</th></tr></thead>
      <tbody>
      \(members.map(row))</tbody></table></div>
      """
  }

  /// The tree below a target in a list; nothing for a target of one address. It stands open where a member does
  /// not work.
  var tree: HTML? {
    guard !members.isEmpty else { return nil }
    let leaves = members.map { member -> HTML in
      """
      <li>\(Marks.state(TargetState(member.outcome))) <code>\(member.place)</code>\
      \(member.outcome == .up ? nil : " \(Wording.verdict(of: member))")</li>

      """
    }
    let open: HTML = members.allSatisfy(\.success) ? "" : " open"
    return """
      <details class="members"\(open)><summary>\(summary)</summary><ul class="plain">
      \(leaves)</ul></details>
      """
  }

  private var summary: String { "\(members.count(where: \.success)) of \(members.count) work" }

  private func row(_ member: ProbeResult) -> HTML {
    """
    <tr><th scope="row"><code>\(member.place)</code></th>\
    <td>\(Marks.state(TargetState(member.outcome)))</td>\
    <td data-label="reason">\(Wording.verdict(of: member))</td>\
    <td data-label="took" class="number">\(Wording.latency(member.duration))</td>\
    <td data-label="tls">\(member.tls.map { "\($0.version)" } ?? "–")</td>\
    <td class="full">\(member.message)</td></tr>

    """
  }
}
