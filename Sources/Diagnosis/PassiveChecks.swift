import Model
import SMTP

// What can be learnt beside a verdict without another packet.
extension Inquiry {
  /// Dates do not fit: is it the clock? Many greetings carry the server's time.
  func considerClock(_ verdict: inout Verdict) {
    guard verdict.reason == .certExpired || verdict.reason == .certNotYetValid else { return }
    guard let greeting = seen.greeting, let theirs = GreetingDate.moment(in: greeting) else { return }
    let skew = seen.now - theirs
    guard abs(skew.seconds) > 300 else { return }
    verdict.add(.clockSkew)
    verdict.evidence.append(
      Evidence(
        .note,
        "the server's clock says \(theirs.rfc3339), the monitor's \(seen.now.rfc3339): "
          + "the monitor is \(skew.spokenAtLength) \(skew < .zero ? "behind" : "ahead")"))
  }

  /// The name does not fit: does another host answer? Its greeting and its certificate then agree.
  func considerHijack(_ verdict: inout Verdict) {
    guard verdict.reason == .certNameMismatch, let greeting = seen.greeting,
      let host = greetingHost(greeting),
      let names = seen.tls?.certificate?.names
    else { return }
    guard HostName.domain(of: host) != HostName.domain(of: seen.serverName),
      names.contains(where: { HostName.domain(of: $0) == HostName.domain(of: host) })
    else { return }
    verdict.add(.hijacked)
    verdict.evidence.append(
      Evidence(
        .note,
        "the greeting names \(text(host, limit: 100)), as the certificate does: another host than "
          + "\(text(seen.serverName, limit: 100)) answers"))
  }

  /// The host that a greeting names: its first word, where that looks like a name.
  func greetingHost(_ greeting: Reply) -> String? {
    guard let word = greeting.lines.first?.split(separator: 0x20).first else { return nil }
    guard word.contains(UInt8(ascii: ".")),
      word.allSatisfy({ $0.isLetterOrDigit || $0 == 0x2E || $0 == 0x2D })
    else { return nil }
    return String(decoding: word.map(\.lowered), as: UTF8.self)
  }

  /// A firewall's mask over the greeting: `220 ****`.
  var isGreetingMasked: Bool {
    guard let text = seen.greeting?.lines.first else { return false }
    return text.count >= 3 && text.prefix(3).allSatisfy { $0 == UInt8(ascii: "*") }
  }

  /// A firewall's mask over an EHLO keyword, such as `XXXXXXXA`.
  var maskedKeyword: String? {
    seen.clearCapabilities.first {
      $0.utf8.count >= 4 && $0.utf8.dropLast().allSatisfy { $0 == UInt8(ascii: "X") }
    }
  }
}
