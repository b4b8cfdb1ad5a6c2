import Base
import Model
import TLS

/// What every input is held against: a server whose certificate is good, and what is said of it.
private struct Lab: Sendable {
  let now = Timestamp(microseconds: WallClock.microseconds())
  let trust: TrustStore
  let chain: [Certificate]
  /// Staples in DER: good, revoked, of an authority that has no say here.
  let staples: [[UInt8]]

  init() throws(TLSMaterialError) {
    let root = try CertificateAuthority(name: "Root", at: now)
    let middle = try root.intermediate(name: "Intermediate")
    chain = try middle.issue(CertificateRecipe(names: ["mail.example.test"])).chain
    trust = TrustStore(authorities: [root.certificate])
    var (revoked, foreign) = (StapleRecipe(), StapleRecipe())
    revoked.status = .revoked
    foreign.signer = try CertificateAuthority(name: "Stranger", at: now)
    staples = [
      try middle.staple(for: chain[0]), try middle.staple(for: chain[0], revoked),
      try middle.staple(for: chain[0], foreign),
    ]
  }
}

private let lab = Result { try Lab() }

/// OCSP staples of a server that may send anything: bytes as they come, or a real staple with some of its own changed.
/// What is not signed by the authority is never believed.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard case .success(let lab) = lab else { preconditionFailure("the lab cannot be made") }
  var input = Input(start, count)
  let kind = input.choice(of: lab.staples.count + 1)
  var staple = kind < lab.staples.count ? lab.staples[kind] : input.rest
  if kind < lab.staples.count {
    // Places are of two bytes, each with the byte that goes there; one beyond the end adds or cuts.
    let edits = input.rest
    for at in stride(from: 0, to: edits.count - 2, by: 3) {
      let place = Int(edits[at]) << 8 | Int(edits[at + 1])
      if place < staple.count {
        staple[place] = edits[at + 2]
      } else if edits[at + 2] & 1 == 0 {
        staple.append(edits[at + 2])
      } else {
        staple.removeLast(min(staple.count, Int(edits[at + 2])))
      }
    }
  }
  let facts = StapleJudgement.facts(of: staple, chain: lab.chain, trust: lab.trust, at: lab.now)
  switch facts.status {
  case .good: require(kind == 0, "a staple is good that nobody has signed")
  case .revoked: require(kind == 1, "a certificate is revoked by nobody")
  case .unknown, .none: require(false, "a staple says what none of these does")
  case .invalid: require(!facts.detail.isEmpty, "a refusal without a sentence")
  }
  if facts.status != .invalid {
    require(facts.thisUpdate.map { lab.now - $0 > .zero } == true, "a staple without its date")
  }
  require(facts.detail.utf8.count < 512, "a sentence without end")
  require(!facts.detail.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "a control character is shown")
  return 0
}
