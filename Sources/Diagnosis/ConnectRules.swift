import Model

// From the system's error numbers (Linux) to a reason. A host with several addresses gets one verdict: an
// answer counts more than silence, silence more than a missing route, and our own trouble counts least.
extension Inquiry {
  /// The verdict on a host of which no address connected.
  func unconnected() -> Verdict {
    let failures = seen.attempts.compactMap { attempt in
      attempt.failure.map { (attempt, connectReason($0, attempt)) }
    }
    let order: [Reason] = [.connectRefused, .connectTimeout, .connectUnreachable, .localError]
    guard let reason = order.first(where: { reason in failures.contains { $0.1 == reason } }) else {
      return Verdict(
        .connect, .connectTimeout, "\(endpoint) did not accept a connection within \(seen.limit.spoken).",
        hints: portHints)
    }
    var verdict = Verdict(
      reason == .localError ? .internal : .connect, reason, connectSentence(reason, failures),
      evidence: failures.map { describe($0.0) }, hints: reason == .localError ? [] : portHints)
    if reason != .localError, failures.allSatisfy({ isInstant($0.0) }) {
      verdict.evidence.append(
        Evidence(
          .note, "the refusal came faster than a network answers: likely a rule on the monitor's own host"))
    }
    return verdict
  }

  private func connectReason(_ failure: ConnectFailure, _ attempt: ConnectionAttempt) -> Reason {
    switch failure {
    case .timeout: .connectTimeout
    case .system(let errno, _):
      switch errno {
      case 111, 104: .connectRefused  // ECONNREFUSED, ECONNRESET
      case 110: .connectTimeout  // ETIMEDOUT
      // EPERM, ENOMEM, ENFILE, EMFILE, ENOBUFS; EADDRNOTAVAIL with IPv6 means that the host has none.
      case 1, 12, 23, 24, 105: .localError
      case 99: attempt.family == .ipv6 ? .connectUnreachable : .localError
      default: .connectUnreachable
      }
    }
  }

  /// The address in brackets, where the host is not the address itself.
  private func resolved(_ address: String) -> String {
    address == seen.target.host ? "" : " (\(address))"
  }

  private func connectSentence(_ reason: Reason, _ failures: [(ConnectionAttempt, Reason)]) -> String {
    let addresses = failures.map(\.0.address)
    let all = failures.count == 1 ? "" : " on any of its \(failures.count) addresses"
    let others = Set(failures.map(\.1)).count > 1 ? "; not every address failed in the same way" : ""
    let first = failures.first { $0.1 == reason }?.0
    switch reason {
    case .connectRefused:
      let where_ = addresses.count == 1 ? resolved(addresses[0]) : all
      return "Nothing accepts connections on \(endpoint)\(where_): the connection was refused\(others)."
    case .connectTimeout:
      let where_ = addresses.count == 1 ? resolved(addresses[0]) : all
      return
        "\(endpoint)\(where_) did not answer the attempt to connect within \(seen.limit.spoken)\(others)."
    case .connectUnreachable:
      return "The network cannot reach \(endpoint)"
        + (first.map { " (\($0.address)): \(words(of: $0))" } ?? "") + others + "."
    default:
      return "The monitor itself could not open a connection to \(endpoint)"
        + (first.map { ": \(words(of: $0))" } ?? "") + "."
    }
  }

  private func words(of attempt: ConnectionAttempt) -> String {
    switch attempt.failure {
    case .system(_, let text): self.text(text, limit: 80)
    case .timeout: "no answer"
    case nil: "connected"
    }
  }

  private func describe(_ attempt: ConnectionAttempt) -> Evidence {
    let errno = if case .system(let number, _)? = attempt.failure { " (errno \(number))" } else { "" }
    return Evidence(
      .errno, "\(attempt.address): \(words(of: attempt))\(errno) after \(attempt.elapsed.spoken)")
  }

  private func isInstant(_ attempt: ConnectionAttempt) -> Bool {
    attempt.failure != .timeout && attempt.elapsed < .microseconds(200) && !HostName.isNearby(attempt.address)
  }

  private var portHints: [Hint] { MailPort.meant(by: seen.target.port) == nil ? [] : [.portTypo] }
}
