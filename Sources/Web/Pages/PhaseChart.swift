import Model

/// The phases of a probe, one below the other, each bar where its phase stood in time.
struct PhaseChart {
  var last: ProbeResult?

  /// The chart; nothing without phases.
  var html: HTML? {
    guard let last else { return nil }
    let phases = inOrder(last.phases)
    let total = phases.reduce(Duration.zero) { $0 + $1.time }
    guard total > .zero else { return nil }
    var start = Duration.zero
    let rows = phases.map { phase, time -> HTML in
      defer { start += time }
      return row(phase, time, from: start / total, share: time / total)
    }
    return """
      <h2>Where the time went</h2>
      <div class="scroll"><table class="phases">
      <caption>Phases of the last probe; \(Wording.latency(last.duration)) in all</caption>
      <thead><tr><th scope="col">Phase</th><th scope="col" class="number">Time</th>\
      <th scope="col">In order</th></tr></thead>
      <tbody>
      \(rows)</tbody></table></div>
      """
  }

  /// The phases as they followed each other: with STARTTLS the handshake comes late.
  private func inOrder(_ timings: PhaseTimings) -> [(phase: Phase, time: Duration)] {
    var phases = timings.reached
    guard let handshake = phases.firstIndex(where: { $0.phase == .tls }),
      let upgrade = phases.firstIndex(where: { $0.phase == .starttls })
    else { return phases }
    phases.insert(phases.remove(at: handshake), at: upgrade)
    return phases
  }

  private func row(_ phase: Phase, _ time: Duration, from start: Double, share: Double) -> HTML {
    """
    <tr><th scope="row">\(Wording.phase(phase))</th><td class="number">\(Wording.latency(time))</td>\
    <td class="wide"><svg class="bar" viewBox="0 0 1000 14" preserveAspectRatio="none" aria-hidden="true">\
    <rect class="phase" x="\(Int(start * 1000))" y="2" width="\(max(4, Int(share * 1000)))" height="10"/>\
    </svg></td></tr>

    """
  }
}
