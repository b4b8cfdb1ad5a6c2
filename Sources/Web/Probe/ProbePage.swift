import HTTP
import Metrics
import Model
import Monitor

/// The three families that dashboards and rules made for blackbox exporter look at.
private enum Families {
  static let success = MetricFamily("probe_success", .gauge, help: "1 where the probe succeeded, else 0.")
  static let duration = MetricFamily(
    "probe_duration_seconds", .gauge, unit: "seconds", help: "How long the probe took in all.")
  static let expiry = MetricFamily(
    "probe_ssl_earliest_cert_expiry", .gauge,
    help: "The earliest end of any certificate in the chain, as Unix time, also where verification fails.")
}

/// The answer of `/probe`: what `/metrics` would say of the result, without the label `target`.
struct ProbePage {
  var probe: WishedProbe

  /// The metrics, in the format that the request prefers.
  func metrics(for request: Request) -> Response {
    let negotiated = MetricsNegotiation(accept: request.headers["Accept"])
    return Response(
      contentType: negotiated.contentType, headers: ["Vary": "Accept", "Cache-Control": "no-store"],
      body: render(negotiated.format))
  }

  /// Everything about the probe, for a person.
  var report: Response {
    let result = probe.result
    var text = "Logs for the probe:\n"
    text += "\(result.startedAt.rfc3339) probing \(probe.target.host):\(probe.target.port)"
    text += ", module \(probe.target.module)\n"
    for note in probe.notes { text += "\(note)\n" }
    text += TranscriptText(result: result).lines
    text += "\(result.outcome.slug): \(Wording.verdict(of: result))"
    text += " after \(Wording.latency(result.duration))\n"
    if !result.message.isEmpty { text += "\(result.message)\n" }
    if !result.remedy.isEmpty { text += "\(result.remedy)\n" }
    for piece in result.evidence { text += "\(piece.kind.rawValue): \(piece.text)\n" }
    text += "\n\n\nMetrics that would have been returned:\n"
    text += String(decoding: render(.text), as: UTF8.self)
    text += "\n\n\nModule configuration:\n\(probe.settings)"
    return .text(text, headers: ["Cache-Control": "no-store"])
  }

  private func render(_ format: ExpositionFormat) -> [UInt8] {
    let result = probe.result
    let state = TargetSnapshot(
      target: probe.target, last: Shared(result), certificate: result.tls?.certificate)
    let targets = [LabelledTarget(labels: .none, state: state)]
    var page = Exposition(format, capacity: 8192)
    page.family(Families.success)
    page.sample(.none, result.success)
    page.family(Families.duration)
    page.sample(.none, result.duration.seconds)
    page.family(Families.expiry)
    if let certificate = result.tls?.certificate { page.sample(.none, certificate.chainNotAfter.seconds) }
    page.writeTargets(targets)
    page.writeResults(targets, now: result.startedAt)
    page.writePhases(targets)
    page.writeTLS(targets, now: result.startedAt)
    page.writePolicies(targets)
    page.writeLogins(targets)
    page.writeOffers(targets)
    return page.finish()
  }
}
