import Model
import SMTP

@testable import Diagnosis

/// The moment of all tests: 2026-11-23T10:00:00Z.
let testMoment = Timestamp(seconds: 1_795_428_000)

func target(
  host: String = "mail.example.test", port: Int = 587, mode: TLSMode = .starttls, user: String? = nil,
  password: String = "correct horse"
) -> Target {
  var settings = ProbeSettings()
  settings.tls.mode = mode
  settings.ehlo = "monitor.example.net"
  if let user { settings.auth = AuthSettings(username: user, password: Secret(password)) }
  return Target(name: "t", host: host, port: port, settings: settings)
}

/// A reply from its lines as they go over the wire, without line ends.
func reply(_ lines: String...) -> Reply {
  Reply(firstIn: Array(lines.joined(separator: "\r\n").utf8)) ?? Reply(code: 0, lines: [])
}

func observation(
  _ fault: Fault, _ stage: Stage, _ target: Target = target(),
  _ change: (inout Observation) -> Void = { _ in }
) -> Observation {
  var observation = Observation(fault: fault, stage: stage, target: target, now: testMoment)
  change(&observation)
  return observation
}

/// A fault of OpenSSL: the reason is that of its SSL library.
func tlsFault(_ reason: Int, _ text: String = "words", late: Bool = false, requested: Bool = false)
  -> TLSFault
{
  let code = 0x0A00_0000 + UInt32(reason)
  return TLSFault(
    kind: .protocol, code: code, reason: reason, text: text, entries: [], isAfterHandshake: late,
    clientCertificateRequested: requested)
}

func certificate(
  names: [String] = ["mail.example.test"], issuer: String = "CN=Example CA", chainLength: Int = 2,
  days: ClosedRange<Int64> = -30...60, namesIssuer: Bool = false, selfIssued: Bool = false
) -> CertificateFacts {
  let end = Timestamp(seconds: 1_795_428_000 + days.upperBound * 86_400)
  return CertificateFacts(
    subject: "CN=\(names.first ?? "")", issuer: issuer, issuerCommonName: issuer, names: names,
    fingerprintSHA256: "ab", serial: "01",
    notBefore: Timestamp(seconds: 1_795_428_000 + days.lowerBound * 86_400), notAfter: end,
    chainNotAfter: end,
    chainLength: chainLength, isCommonNameOnly: false, isSelfIssued: selfIssued,
    namesIssuerLocation: namesIssuer)
}

func distrusted(
  _ codes: [Int], _ certificate: CertificateFacts = certificate(),
  _ change: (inout Observation) -> Void = { _ in }
) -> Observation {
  let faults = codes.map { CertificateFault(code: $0, depth: 0, text: "fault \($0)") }
  return observation(.certificate(faults), .tls) {
    $0.tls = TLSFacts(
      version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", verified: false, faults: faults,
      certificate: certificate,
      clientCertificateRequested: false)
    change(&$0)
  }
}

func unconnected(_ failures: ConnectFailure..., port: Int = 587) -> Observation {
  observation(.connect, .connect, target(port: port)) {
    $0.attempts = failures.enumerated().map {
      ConnectionAttempt(
        address: $0.offset % 2 == 0 ? "203.0.113.\($0.offset)" : "2001:db8::\($0.offset)",
        family: $0.offset % 2 == 0 ? .ipv4 : .ipv6, failure: $0.element, elapsed: .milliseconds(12))
    }
  }
}

let refused = ConnectFailure.system(errno: 111, text: "Connection refused")

/// What every text of a verdict has in common.
func allText(of verdict: Verdict) -> String {
  ([verdict.message, verdict.remedy] + verdict.evidence.map(\.text)).joined(separator: "\n")
}
