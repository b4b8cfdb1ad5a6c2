import Diagnosis
import Model

/// The report of one probe for a person: what happened in order, what the server is, and the verdict with
/// its reasons, its proof and the cure.
struct ProbeReport {
  let result: ProbeResult
  let style: Style
  let showsTranscript: Bool

  /// The whole report, with its last line's end.
  var text: String {
    let members = MemberReport(members: result.members, style: style)
    let parts =
      result.members.isEmpty
      ? [headline, timeline, server, certificate, policy, transcript, verdict]
      : [
        headline, members.table, timeline, server, certificate, policy, transcript, verdict,
        members.details(beyond: result.address),
      ]
    return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
  }

  private var headline: [String] {
    let isDomain = result.host.hasPrefix("mx:")
    let port =
      result.host.contains(":") && !isDomain
      ? "[\(result.host)]:\(result.port)" : "\(result.host):\(result.port)"
    var line = "\(style.paint(port, .strong))  \(result.tlsMode.words)"
    if result.members.count > 1 {
      let working = result.members.count(where: \.success)
      line += "  (\(working) of \(result.members.count) work; below: \(result.address ?? "no address"))"
    } else if let address = result.address, address != result.host {
      line += "  (\(address))"
    }
    return [line]
  }

  private var timeline: [String] {
    let reached = chronological(result.phases.reached)
    // Only QUIT may follow what failed.
    let failure =
      reached.last { $0.phase.slug == result.stage?.slug }?.phase ?? reached.last { $0.phase != .quit }?.phase
    var lines = reached.map { phase, time in
      let failed = phase == failure && !result.success
      let mark = failed ? style.paint("✖", .bad) : style.paint("✔", .good)
      return "  \(mark) \(phase.slug.padded(to: 10)) \(time.milliseconds.leftPadded(to: 12))"
    }
    if !result.success, let stage = result.stage, !reached.contains(where: { $0.phase.slug == stage.slug }) {
      lines.append("  \(style.paint("✖", .bad)) \(stage.slug)")
    }
    let attempts = result.attempts > 1 ? ", \(result.attempts) attempts" : ""
    lines.append(
      "    \("total".padded(to: 10)) \(result.duration.milliseconds.leftPadded(to: 12))\(attempts)")
    return lines
  }

  /// The phases as they followed each other: behind STARTTLS the handshake comes late.
  private func chronological(_ phases: [(phase: Phase, time: Duration)]) -> [(phase: Phase, time: Duration)] {
    guard result.tlsMode != .implicit, let tls = phases.firstIndex(where: { $0.phase == .tls }),
      let starttls = phases.firstIndex(where: { $0.phase == .starttls }), starttls > tls
    else { return phases }
    var phases = phases
    phases.insert(phases[tls], at: starttls + 1)
    phases.remove(at: tls)
    return phases
  }

  private var server: [String] {
    guard let smtp = result.smtp else { return [] }
    var lines = ["Server      \(smtp.banner)"]
    if !smtp.capabilities.isEmpty { lines.append("Offers      \(smtp.capabilities.joined(separator: ", "))") }
    if let mechanism = smtp.authMechanism { lines.append("Login       \(mechanism)") }
    return lines
  }

  private var certificate: [String] {
    guard let tls = result.tls else { return [] }
    let group = tls.group.map { ", \($0)" } ?? ""
    var lines = ["TLS         \(tls.version), \(tls.cipher)\(group)"]
    if let certificate = tls.certificate {
      let days = Int((certificate.notAfter - result.startedAt).seconds / 86_400)
      let ends = days < 0 ? "ended \(-days) days ago" : "ends in \(days) days"
      lines.append("Certificate \(certificate.subject), for \(certificate.names.joined(separator: ", "))")
      lines.append("            issued by \(certificate.issuer), \(ends) (\(certificate.notAfter.rfc3339))")
      if let key = certificate.key {
        let signature = certificate.signatureAlgorithm.map { ", signed with \($0)" } ?? ""
        lines.append("            key \(key.algorithm) of \(key.bits) bits\(signature)")
      }
      lines += certificate.chain.dropFirst().map {
        "            with \($0.subject) until \($0.notAfter.rfc3339.prefix(10))"
      }
    }
    if tls.faults.isEmpty {
      lines.append("            verified")
    } else {
      lines += tls.faults.map {
        "            \(style.paint("not verified", .bad)): \($0.text) (\($0.code), depth \($0.depth))"
      }
    }
    if let staple = tls.staple { lines.append("OCSP        \(words(staple))") }
    return lines
  }

  private func words(_ staple: StapleFacts) -> String {
    let until = staple.nextUpdate.map { ", until \($0.rfc3339)" } ?? ""
    if staple.status == .good { return "the staple is good\(until)" }
    return staple.isBroken
      ? "\(style.paint(staple.status.rawValue, .attention)): \(staple.detail)" : staple.detail
  }

  private var policy: [String] { result.policy.map { PolicyReport(policy: $0, style: style).lines } ?? [] }

  private var transcript: [String] {
    guard showsTranscript else { return [] }
    return result.transcript.map { line in
      let lock = line.tls ? "🔒" : "  "
      let arrow =
        switch line.from {
        case .server: "<"
        case .client: ">"
        case .note: "*"
        }
      return "\(line.at.milliseconds.leftPadded(to: 12)) \(lock) \(arrow) \(line.text)"
    }
  }

  private var verdict: [String] {
    var lines = [style.paint(result.outcome.slug.uppercased(), result.outcome.meaning)]
    if result.reason != .ok {
      lines[0] += "  \(result.stage.map { "\($0.slug) / " } ?? "")\(result.reason.slug)"
    }
    if !result.message.isEmpty { lines.append("Why         \(result.message)") }
    // Hints are words for programs; what they mean stands in the sentence and the cure.
    lines += result.evidence.filter { $0.kind != .hint }.map { "Proof       \($0.kind.rawValue): \($0.text)" }
    for warning in Warning.allCases where result.warnings.contains(warning) {
      lines += ["Warning     \(warning.rawValue): \(warning.message)", "            \(warning.remedy)"]
    }
    if !result.remedy.isEmpty { lines.append("Cure        \(style.paint(result.remedy, .strong))") }
    if let suggestion = result.suggestion {
      let settings = Diagnosis.settings(for: suggestion, host: result.host)
      lines += settings.enumerated().map {
        "\($0 == 0 ? "What works " : "           ") \(style.paint($1, .good))"
      }
    }
    return lines
  }
}

extension Outcome {
  /// The colour that it is shown in.
  var meaning: Style.Meaning {
    switch self {
    case .up: .good
    case .degraded: .attention
    case .down: .bad
    case .inconclusive: .unknown
    }
  }
}

extension TLSMode {
  /// The mode for a person.
  var words: String {
    switch self {
    case .starttls: "STARTTLS"
    case .implicit: "implicit TLS"
    case .opportunistic: "opportunistic STARTTLS"
    case .none: "no TLS"
    }
  }
}

extension Duration {
  /// Milliseconds with three decimals, such as `12.345 ms`.
  var milliseconds: String {
    let micros = wholeMicroseconds
    let fraction = String(abs(micros % 1000))
    return "\(micros / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) ms"
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
  fileprivate func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
