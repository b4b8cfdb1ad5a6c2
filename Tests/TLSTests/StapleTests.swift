import Base
import Model
import Testing

@testable import TLS

/// An authority of the real present: the library asks the system's clock about a staple's signer.
private struct StapleLab: Sendable {
  let now = Timestamp(microseconds: WallClock.microseconds())
  let root: CertificateAuthority
  let middle: CertificateAuthority
  let trust: TrustStore
  let good: Identity

  static let shared = Result { try StapleLab() }

  private init() throws {
    root = try CertificateAuthority(name: "Staple root", at: now)
    middle = try root.intermediate(name: "Staple intermediate")
    trust = TrustStore(authorities: [root.certificate])
    good = try middle.issue(CertificateRecipe(names: ["mail.example.test"]))
  }

  /// What a client makes of a server that hands out `staple`.
  func judge(
    _ staple: [UInt8]?, of identity: Identity? = nil, trust: TrustStore? = nil, asks: Bool = true,
    needsStaple: Bool = false, version: TLSVersion = .tls13, by judge: CertificateJudge = CertificateJudge(),
    after time: Duration = .zero
  ) throws -> TLSFacts {
    var options = ServerOptions(identity: identity ?? good, maxVersion: version)
    options.staple = staple
    let wire = Wire(
      client: try TLSContext(client: ClientOptions(requestsStaple: asks)),
      server: try TLSContext(server: options))
    #expect(wire.shakeHands().client == .done)
    return judge.judge(
      wire.client, trust: trust ?? self.trust, name: "mail.example.test", needsStaple: needsStaple,
      at: now + time)
  }

  /// A staple for the good certificate.
  func staple(_ change: (inout StapleRecipe) throws -> Void = { _ in }) throws -> [UInt8] {
    var recipe = StapleRecipe()
    try change(&recipe)
    return try middle.staple(for: good.chain[0], recipe)
  }
}

@Suite struct StapleTests {
  private let lab: StapleLab
  init() throws { lab = try StapleLab.shared.get() }

  @Test(arguments: [TLSVersion.tls12, .tls13]) func goodStapleIsReadWithItsDates(_ version: TLSVersion) throws
  {
    let facts = try lab.judge(try lab.staple(), needsStaple: true, version: version)
    let staple = try #require(facts.staple)
    #expect(facts.verified && staple.status == .good && staple.detail.isEmpty)
    #expect(!staple.isBroken && !staple.isDemanded)
    #expect(staple.thisUpdate == Timestamp(seconds: lab.now.microseconds / 1_000_000 - 3600))
    #expect(staple.nextUpdate == Timestamp(seconds: lab.now.microseconds / 1_000_000 + 86_400))
  }

  @Test func stapleIsReadOnceAMinuteAndItsDatesEachTime() throws {
    let judge = CertificateJudge()
    let ending = try lab.staple { $0.nextUpdate = .seconds(-270) }
    #expect(try lab.judge(ending, by: judge).staple?.status == .good)
    #expect(try lab.judge(ending, by: judge, after: .seconds(10)).staple?.status == .good)
    #expect(try lab.judge(ending, by: judge, after: .seconds(40)).staple?.status == .invalid)
    #expect(judge.readings == 1)
    #expect(try lab.judge(lab.staple { $0.status = .revoked }, by: judge).staple?.status == .revoked)
    #expect(try lab.judge(ending, trust: TrustStore(authorities: []), by: judge).staple?.status == .invalid)
    #expect(try lab.judge(nil, by: judge).staple?.status == StapleFacts.Status.none)
    #expect(judge.readings == 3)
    _ = try lab.judge(ending, by: judge, after: .seconds(61))
    #expect(judge.readings == 4)
  }

  @Test func stapleOfTheRootItselfNeedsNobodySentAlong() throws {
    let identity = try lab.root.issue(CertificateRecipe(names: ["mail.example.test"]))
    let staple = try lab.root.staple(for: identity.chain[0])
    #expect(try lab.judge(staple, of: identity, needsStaple: true).staple?.status == .good)
  }

  @Test func revokedCertificateIsSaidToBeSoAndSinceWhen() throws {
    let revoked = try lab.staple { $0.status = .revoked }
    let reported = try lab.judge(revoked)
    #expect(reported.verified && reported.staple?.status == .revoked && reported.staple?.isBroken == true)
    #expect(reported.staple?.revocationReason == "keyCompromise" && reported.staple?.revokedAt != nil)
    let required = try lab.judge(revoked, needsStaple: true)
    #expect(!required.verified && required.faults.map(\.code) == [23])
  }

  @Test func revocationDoesNotGrowOld() throws {
    let old = try lab.staple { recipe in
      recipe.status = .revoked
      (recipe.thisUpdate, recipe.nextUpdate) = (.seconds(-9 * 86_400), .seconds(-2 * 86_400))
    }
    #expect(try lab.judge(old).staple?.status == .revoked)
  }

  @Test func unknownCertificateIsToldFromAMissingStaple() throws {
    let unknown = try lab.judge(try lab.staple { $0.status = .unknown }, needsStaple: true)
    #expect(unknown.staple?.status == .unknown && unknown.faults.map(\.code) == [75])
    let missing = try lab.judge(nil, needsStaple: true)
    #expect(missing.staple?.status == StapleFacts.Status.none && missing.faults.map(\.code) == [73])
    #expect(missing.staple?.isBroken == false)
  }

  @Test func missingStapleIsAFaultOfACertificateThatDemandsOne() throws {
    var recipe = CertificateRecipe(names: ["mail.example.test"])
    recipe.demandsStaple = true
    let identity = try lab.middle.issue(recipe)
    let staple = try #require(try lab.judge(nil, of: identity).staple)
    #expect(staple.status == .none && staple.isDemanded && staple.isBroken)
    #expect(staple.detail.contains("must-staple"))
    let good = try lab.judge(try lab.middle.staple(for: identity.chain[0]), of: identity).staple
    #expect(good?.status == .good && good?.isDemanded == true && good?.isBroken == false)
  }

  @Test(arguments: [
    (-9 * 86_400, -2 * 86_400, "out of date"), (3600, 86_400, "in the future"), (-3600, -301, "out of date"),
  ]) func staleStapleProvesNothing(begin: Int, end: Int, words: String) throws {
    let stale = try lab.staple { recipe in
      (recipe.thisUpdate, recipe.nextUpdate) = (.seconds(begin), .seconds(end))
    }
    let facts = try lab.judge(stale, needsStaple: true)
    #expect(facts.staple?.status == .invalid && facts.faults.map(\.code) == [74])
    #expect(facts.staple?.detail.contains(words) == true, "\(facts)")
    #expect(facts.staple?.nextUpdate != nil)
  }

  @Test(arguments: [(200, 86_400), (-3600, -200), (-3600, nil)] as [(Int, Int?)])
  func clocksMayDifferALittle(begin: Int, end: Int?) throws {
    let staple = try lab.staple { recipe in
      (recipe.thisUpdate, recipe.nextUpdate) = (.seconds(begin), end.map { .seconds($0) })
    }
    #expect(try lab.judge(staple).staple?.status == .good)
  }

  @Test func signerMustBeTheIssuerOrActForIt() throws {
    let stranger = try CertificateAuthority(name: "Stranger", at: lab.now)
    // The sister is trusted, and is not who issued this certificate.
    let sister = try lab.root.intermediate(name: "Sister")
    for signer in [stranger, sister, lab.root] {
      let facts = try lab.judge(try lab.staple { $0.signer = signer }, needsStaple: true)
      #expect(facts.staple?.status == .invalid && facts.faults.map(\.code) == [74], "\(facts)")
      #expect(facts.staple?.detail.contains("signature") == true)
    }
  }

  @Test func stapleOfAnotherCertificateProvesNothing() throws {
    let other = try lab.middle.issue(CertificateRecipe(names: ["mail.example.test"]))
    let facts = try lab.judge(try lab.middle.staple(for: other.chain[0]))
    #expect(facts.staple?.status == .invalid && facts.staple?.detail == "it is about another certificate")
  }

  @Test func withoutTrustInTheIssuerNothingIsProved() throws {
    let other = TrustStore(authorities: [try CertificateAuthority(name: "Other", at: lab.now).certificate])
    let facts = try lab.judge(try lab.staple(), trust: other, needsStaple: true)
    #expect(facts.staple?.status == .invalid)
    // What is wrong with the chain comes first.
    #expect(facts.faults.first?.code != 74 && facts.faults.last?.code == 74)
  }

  @Test func selfSignedServerHasNobodyToVouchForIt() throws {
    let own = try CertificateAuthority.selfSigned(
      CertificateRecipe(names: ["mail.example.test"]), at: lab.now)
    #expect(try lab.judge(try lab.staple(), of: own).staple?.status == .invalid)
  }

  @Test func nothingIsAskedForWhereNobodyWantsIt() throws {
    #expect(try lab.judge(try lab.staple(), asks: false).staple == nil)
  }

  /// Whatever a hostile server sends in the staple's place is judged, and harms nobody.
  @Test func rubbishProvesNothing() throws {
    let good = try lab.staple()
    var inputs: [[UInt8]] = [[0], Array("not an answer".utf8), [0x30, 0x03, 0x0A, 0x01, 0x03], good + [0]]
    inputs.append([0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF] + good)
    inputs.append([UInt8](repeating: 0x30, count: 12_000))
    inputs += stride(from: 1, to: good.count, by: 37).map { Array(good.prefix($0)) }
    for input in inputs {
      let facts = try lab.judge(input, needsStaple: true)
      #expect(facts.staple?.status == .invalid && facts.staple?.detail.isEmpty == false, "\(input.prefix(8))")
    }
    // A flipped bit is found wherever it makes a difference: the only good staples are those that say the same.
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      var flipped = good
      flipped[Int.random(in: 0..<good.count, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
      let staple = try #require(try lab.judge(flipped).staple)
      if staple.status == .good { #expect(staple.nextUpdate == (try lab.judge(good).staple?.nextUpdate)) }
    }
  }
}
