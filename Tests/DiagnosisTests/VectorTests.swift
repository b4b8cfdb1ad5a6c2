import Model
import Testing

@testable import Diagnosis

@Suite struct VectorTests {
  @Test(
    arguments: allVectors)
  func `a failure gets its name, its words and its proof`(vector: Vector) {
    let found = verdict(for: vector.seen)
    #expect(found.reason == vector.reason)
    #expect(found.stage == vector.stage)
    let beside: Set<Hint> = [.providerRule, .selfInflicted, .plaintextHere]
    #expect(found.hints.filter { !beside.contains($0) } == vector.hints.filter { !beside.contains($0) })
    #expect(Set(vector.hints).isSubset(of: found.hints))
    for words in vector.words { #expect(allText(of: found).contains(words), "\(allText(of: found))") }
    #expect(found == verdict(for: vector.seen))
    #expect(found.message.hasSuffix(".") || found.stage == .config)
    #expect(found.remedy.contains("`"))
    #expect(found.suggestion == nil)
  }

  @Test func `every reason of a passive verdict has a vector`() {
    let covered = Set(
      allVectors.map(\.reason))
    let elsewhere: Set<Reason> = [
      .ok, .slow, .certExpiring, .recoveredOnRetry, .egressBlocked, .wrongPort, .ipFamilyBroken,
      .portExpectsTls,
      .policyViolation, .localNetworkDown,
    ]
    #expect(covered.union(elsewhere) == Set(Reason.allCases))
  }
}
