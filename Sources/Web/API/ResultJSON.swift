package import Model

/// A result as `probe --json` prints it and as the API hands it out.
package func json(of result: ProbeResult) -> [UInt8] { JSON(result).bytes }

extension JSON {
  /// A result.
  package init(_ result: ProbeResult) {
    let members =
      result.members.isEmpty
      ? [] : [Member(name: "members", value: .array(result.members.map { JSON($0) }))]
    self = .object(Self.members(of: result) + members)
  }

  private static func members(of result: ProbeResult) -> [Member] {
    let object: JSON = [
      "target": .string(result.target),
      "host": .string(result.host),
      "port": .int(result.port),
      "tls_mode": .string(result.tlsMode.rawValue),
      "started_at": JSON(result.startedAt),
      "duration_seconds": JSON(result.duration),
      "outcome": .string(result.outcome.slug),
      "success": .bool(result.success),
      "stage": JSON(result.stage?.slug),
      "reason": .string(result.reason.slug),
      "retryable": .bool(result.retryable),
      "attempts": .int(result.attempts),
      "message": .string(result.message),
      "remedy": .string(result.remedy),
      "suggestion": result.suggestion.map {
        ["port": .int($0.port), "tls_mode": .string($0.tlsMode.rawValue)]
      }
        ?? nil,
      "evidence": .array(
        result.evidence.map { ["kind": .string($0.kind.rawValue), "text": .string($0.text)] }),
      "address": JSON(result.address),
      "family": JSON(result.family?.rawValue),
      "phases": JSON(result.phases),
      "reply": result.reply.map {
        ["code": .int($0.code), "enhanced": JSON($0.enhanced), "text": .string($0.text)]
      } ?? nil,
      "smtp": result.smtp.map(JSON.init) ?? nil,
      "tls": result.tls.map(JSON.init) ?? nil,
      "policy": result.policy.map(JSON.init) ?? nil,
      "token_expires_at": JSON(result.tokenExpiry),
      "transcript": .array(result.transcript.map(JSON.init)),
    ]
    guard case .object(let members) = object else { return [] }
    return members
  }

  /// The phases that were reached, in seconds.
  init(_ phases: PhaseTimings) {
    self = .object(phases.reached.map { Member(name: $0.phase.slug, value: JSON($0.time)) })
  }

  /// A certificate without its session.
  init(_ certificate: CertificateFacts) { self = .object(Self.members(of: certificate)) }

  private init(_ smtp: SMTPFacts) {
    self = [
      "banner": .string(smtp.banner),
      "capabilities": JSON(smtp.capabilities),
      "auth_mechanisms": JSON(smtp.authMechanisms),
      "auth_mechanism": JSON(smtp.authMechanism),
    ]
  }

  private init(_ tls: TLSFacts) {
    self = .object(
      [
        Member(name: "version", value: .string(tls.version)),
        Member(name: "cipher", value: .string(tls.cipher)),
        Member(name: "verified", value: .bool(tls.verified)),
        Member(name: "verify_error", value: JSON(tls.faults.first?.text)),
        Member(name: "group", value: JSON(tls.group)),
        Member(name: "ocsp", value: tls.staple.map(JSON.init) ?? nil),
      ] + Self.members(of: tls.certificate))
  }

  private init(_ staple: StapleFacts) {
    self = [
      "status": .string(staple.status.rawValue),
      "this_update": JSON(staple.thisUpdate),
      "next_update": JSON(staple.nextUpdate),
      "revoked_at": JSON(staple.revokedAt),
      "revocation_reason": JSON(staple.revocationReason),
      "must_staple": .bool(staple.isDemanded),
      "detail": .string(staple.detail),
    ]
  }

  private init(_ line: TranscriptLine) {
    self = [
      "at": JSON(line.at), "from": .string(line.from.rawValue), "tls": .bool(line.tls),
      "text": .string(line.text),
    ]
  }

  private static func members(of certificate: CertificateFacts?) -> [Member] {
    [
      Member(name: "subject", value: JSON(certificate?.subject)),
      Member(name: "issuer", value: JSON(certificate?.issuer)),
      Member(name: "names", value: JSON(certificate?.names ?? [])),
      Member(name: "fingerprint_sha256", value: JSON(certificate?.fingerprintSHA256)),
      Member(name: "serial", value: JSON(certificate?.serial)),
      Member(name: "not_before", value: JSON(certificate?.notBefore)),
      Member(name: "not_after", value: JSON(certificate?.notAfter)),
      Member(name: "chain_not_after", value: JSON(certificate?.chainNotAfter)),
      Member(name: "key_algorithm", value: JSON(certificate?.key?.algorithm)),
      Member(name: "key_bits", value: certificate?.key.map { .int($0.bits) } ?? nil),
      Member(name: "signature_algorithm", value: JSON(certificate?.signatureAlgorithm)),
      Member(
        name: "chain",
        value: .array(
          (certificate?.chain ?? []).map {
            [
              "subject": .string($0.subject), "not_before": JSON($0.notBefore),
              "not_after": JSON($0.notAfter),
            ]
          })),
    ]
  }
}
