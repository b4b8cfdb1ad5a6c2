import Model

/// The part of a report about what the domain publishes.
struct PolicyReport {
  let policy: PolicyFacts
  let style: Style

  /// A line for each policy that was looked up, and what belongs to it.
  var lines: [String] {
    var lines: [String] = []
    if let dane = policy.dane {
      let rollover = dane.isRolloverReady ? ", a record for the next key is there" : ""
      lines.append("DANE        " + verdict(dane.status == .valid, dane.detail) + rollover)
      lines += dane.records.map { record in
        let words = !record.isUsable ? "not usable" : record.matches ? "matches" : "does not match"
        return "            TLSA \(record.text): \(words)"
      }
    }
    if let sts = policy.mtaSTS {
      let facts = [
        sts.mode.map { "mode \($0)" }, sts.id.map { "id \($0)" },
        sts.mx.isEmpty ? nil : "mx \(sts.mx.joined(separator: ", "))",
      ].compactMap(\.self)
      lines.append("MTA-STS     " + verdict(sts.status == .valid, sts.detail))
      if !facts.isEmpty { lines.append("            \(facts.joined(separator: ", "))") }
    }
    if let reports = policy.tlsRPT {
      let addresses = reports.reportsTo.isEmpty ? "" : ": " + reports.reportsTo.joined(separator: ", ")
      lines.append("TLS-RPT     " + verdict(reports.status == .valid, reports.detail) + addresses)
    }
    return lines
  }

  private func verdict(_ isValid: Bool, _ detail: String) -> String {
    isValid ? "holds" : "\(style.paint("does not hold", .attention)): \(detail)"
  }
}
