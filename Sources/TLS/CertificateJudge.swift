import Base
import COpenSSL
package import Model

/// Judges the certificates of finished sessions, and remembers what it made of them: a server shows the same
/// chain at every probe, and verifying it costs a quarter of a handshake.
///
/// Safe to send: what changes is used only by `judge`, one caller at a time.
@safe package final class CertificateJudge: @unchecked Sendable {
  /// A verdict on a chain: which, for whom, by whose authority.
  private struct Question: Hashable {
    var chain: SIMD4<UInt64>
    var name: String
    var trust: ObjectIdentifier
    var level: Int32
  }

  private struct Verdict {
    var faults: [CertificateFault]
    var validity: ClosedRange<Timestamp>?
    var at: Timestamp
    /// Held so that no other store can take its place in the question.
    var trust: TrustStore
  }

  /// What a staple says of a chain, by whose authority.
  private struct StapleQuestion: Hashable {
    var staple: SIMD4<UInt64>
    var chain: SIMD4<UInt64>
    var trust: ObjectIdentifier
  }

  private struct Statement {
    var facts: StapleFacts
    var at: Timestamp
    var trust: TrustStore
  }

  private let turn = Locked(())
  private var verdicts: [Question: Verdict] = [:]
  private var certificates: [SIMD4<UInt64>: CertificateFacts] = [:]
  private var statements: [StapleQuestion: Statement] = [:]
  private let hashing: OpaquePointer
  private let capacity: Int
  /// How many verifications were run; the rest was remembered.
  private(set) var verifications = 0
  /// How many staples were read; the rest was remembered.
  private(set) var readings = 0
  /// How many verdicts are remembered.
  var rememberedVerdicts: Int { verdicts.count }

  /// A verdict is used again for at most this long.
  private static let memory: Duration = .seconds(60)

  /// A judge that remembers at most `capacity` verdicts.
  package init(capacity: Int = 4096) {
    guard let hashing = unsafe EVP_MD_CTX_new() else {
      fatalError("EVP_MD_CTX_new fails only without memory")
    }
    unsafe self.hashing = hashing
    self.capacity = capacity
  }

  deinit { unsafe EVP_MD_CTX_free(hashing) }

  /// What a finished session with a server came to: its certificate must be for `name` (RFC 6125), a host name
  /// or an address, and go back to an authority in `trust`, at the time `now`.
  ///
  /// - Parameter needsStaple: an OCSP staple that does not vouch for the certificate, or is not there, is a fault. The
  ///   facts of a staple are there wherever the session asked for one.
  package func judge(
    _ session: TLSSession, trust: TrustStore, name: String, needsStaple: Bool = false, at now: Timestamp
  ) -> TLSFacts {
    precondition(session.isEstablished, "there is nothing to judge before the handshake has finished")
    return turn.withLock { _ in
      judgeAlone(session, trust: trust, name: name, needsStaple: needsStaple, at: now)
    }
  }

  private func judgeAlone(
    _ session: TLSSession, trust: TrustStore, name: String, needsStaple: Bool, at now: Timestamp
  ) -> TLSFacts {
    var facts = TLSFacts(
      version: session.version, cipher: session.cipher, verified: false, faults: [], certificate: nil,
      clientCertificateRequested: session.clientCertificateRequested, group: session.group)
    let stack = unsafe session.peerChain
    guard let leaf = unsafe copenssl_x509s_at(stack, 0) else {
      facts.faults = [ChainVerification.fault(X509_V_ERR_UNSPECIFIED, 0)]
      return facts
    }
    let chain = unsafe identify(stack)
    facts.certificate = unsafe certificate(chain, leaf: leaf, stack: stack)
    let question = Question(
      chain: chain, name: name, trust: ObjectIdentifier(trust), level: session.securityLevel)
    let remembered = verdicts[question].flatMap { Self.holds($0, at: now) ? $0.faults : nil }
    facts.faults =
      unsafe remembered ?? verify(question, leaf: leaf, stack: stack, trust: trust, at: now)
    if session.requestsStaple {
      let staple = unsafe staple(of: session, chain, leaf: leaf, stack: stack, trust: trust, at: now)
      facts.staple = staple
      if needsStaple, let fault = StapleJudgement.fault(staple) {
        facts.faults = ChainVerification.ranked(
          facts.faults + [fault], isAlone: unsafe copenssl_x509s_count(stack) <= 1)
      }
    }
    facts.verified = facts.faults.isEmpty
    return facts
  }

  private static func holds(_ verdict: Verdict, at now: Timestamp) -> Bool {
    now >= verdict.at && now - verdict.at <= memory && verdict.validity?.contains(now) == true
  }

  private func verify(
    _ question: Question, leaf: OpaquePointer, stack: OpaquePointer?, trust: TrustStore, at now: Timestamp
  ) -> [CertificateFault] {
    verifications += 1
    let outcome = unsafe ChainVerification.run(
      leaf: leaf, chain: stack, trust: trust, name: question.name, at: now, level: question.level)
    if verdicts.count >= capacity {
      verdicts = verdicts.filter { Self.holds($0.value, at: now) }
      if verdicts.count >= capacity { verdicts.removeAll() }
    }
    verdicts[question] = Verdict(faults: outcome.faults, validity: outcome.validity, at: now, trust: trust)
    return outcome.faults
  }

  /// What the staple of a session came to. A server sends the same for hours, and to verify it costs as much as the
  /// certificate itself.
  private func staple(
    of session: TLSSession, _ chain: SIMD4<UInt64>, leaf: OpaquePointer, stack: OpaquePointer?,
    trust: TrustStore, at now: Timestamp
  ) -> StapleFacts {
    guard let bytes = unsafe session.staple else { return unsafe StapleJudgement.absence(leaf: leaf) }
    let question = StapleQuestion(
      staple: unsafe digest(of: bytes), chain: chain, trust: ObjectIdentifier(trust))
    if let known = statements[question], now >= known.at, now - known.at <= Self.memory {
      return StapleJudgement.dated(known.facts, at: now)
    }
    readings += 1
    let facts = unsafe StapleJudgement.statement(bytes, leaf: leaf, chain: stack, trust: trust)
    if statements.count >= capacity {
      statements = statements.filter { now >= $0.value.at && now - $0.value.at <= Self.memory }
      if statements.count >= capacity { statements.removeAll() }
    }
    statements[question] = Statement(facts: facts, at: now, trust: trust)
    return StapleJudgement.dated(facts, at: now)
  }

  private func digest(of bytes: UnsafeRawBufferPointer) -> SIMD4<UInt64> {
    var digest = SIMD4<UInt64>()
    unsafe EVP_DigestInit_ex2(hashing, HashFunction.sha256.algorithm, nil)
    unsafe EVP_DigestUpdate(hashing, bytes.baseAddress, bytes.count)
    unsafe withUnsafeMutableBytes(of: &digest) { digest in
      _ = unsafe EVP_DigestFinal_ex(hashing, digest.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
    }
    return digest
  }

  private func certificate(
    _ chain: SIMD4<UInt64>, leaf: OpaquePointer, stack: OpaquePointer?
  ) -> CertificateFacts {
    if let known = certificates[chain] { return known }
    if certificates.count >= capacity { certificates.removeAll() }
    let read = unsafe CertificateReading.facts(leaf: leaf, chain: ChainVerification.handles(stack))
    certificates[chain] = read
    return read
  }

  /// SHA-256 over the SHA-256 of each certificate of a chain.
  private func identify(_ stack: OpaquePointer?) -> SIMD4<UInt64> {
    let sha256 = unsafe HashFunction.sha256.algorithm
    var digest = SIMD4<UInt64>()
    unsafe EVP_DigestInit_ex2(hashing, sha256, nil)
    unsafe withUnsafeMutableBytes(of: &digest) { digest in
      let bytes = unsafe digest.baseAddress?.assumingMemoryBound(to: UInt8.self)
      for at in 0..<(unsafe max(0, copenssl_x509s_count(stack))) {
        unsafe X509_digest(copenssl_x509s_at(stack, at), sha256, bytes, nil)
        unsafe EVP_DigestUpdate(hashing, bytes, digest.count)
      }
      unsafe EVP_DigestFinal_ex(hashing, bytes, nil)
    }
    return digest
  }
}
