package import Model

/// Targets that fail alike at once: the monitor itself is suspect.
package struct FleetEpisode: Sendable, Equatable {
  /// How they fail.
  package var symptom: FailureKind
  /// The port that they share, among whose targets it was counted; nil: among all targets.
  package var port: Int?
  /// Since the monitor's start.
  var beganAt: Duration
  package var since: Timestamp
  /// How many fail now.
  package var failing: Int
  /// Of how many.
  package var watched: Int

  /// What stays the same while the counts change.
  var identity: String {
    "\(symptom.stage.slug)/\(symptom.reason.slug)/\(port ?? 0)/\(since.microseconds)"
  }

  /// One sentence for a person: what is shared, and what that makes likely.
  package var words: String {
    "\(failing) of \(watched) targets\(port.map { " on port \($0)" } ?? "") fail alike since \(since.spoken) "
      + "(\(symptom.reason.slug) at \(symptom.stage.slug)): likely \(suspect)."
  }

  /// What of the monitor's own would explain it.
  private var suspect: String {
    switch symptom.reason {
    case .dnsNotFound, .dnsNoAddress, .dnsFailure: "the monitor's own resolver"
    case .certUntrusted: "the monitor's own CA bundle, or a proxy that re-signs TLS"
    case .certExpired, .certNotYetValid: "the monitor's own clock"
    default:
      port.map { "the monitor's own network, or a filter on outgoing port \($0)" }
        ?? "the monitor's own network"
    }
  }

  /// What to look at.
  var remedy: String {
    switch symptom.reason {
    case .dnsNotFound, .dnsNoAddress, .dnsFailure:
      "Check the servers in /etc/resolv.conf from this machine."
    case .certUntrusted:
      "Check that the system's CA bundle (or `tls.ca_file`) is there and recent, and whether a proxy re-signs TLS."
    case .certExpired, .certNotYetValid: "Check this machine's date and its time synchronisation."
    default:
      "Check this machine's network and its provider's filters for outgoing SMTP; `network_check` can tell the "
        + "one from the other."
    }
  }
}

extension ProbeResult {
  /// The result where too many fail alike: it keeps its stage and reason, and says nothing of the target.
  package func excused(by episode: FleetEpisode) -> ProbeResult {
    var result = self
    result.outcome = .inconclusive
    result.message = "\(episode.words) This probe saw: \(message)"
    result.remedy = episode.remedy
    result.suggestion = nil
    result.evidence.append(Evidence(.hint, Hint.fleetWide.rawValue))
    return result
  }
}
