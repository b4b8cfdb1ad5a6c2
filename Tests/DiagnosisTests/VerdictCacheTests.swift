import Model
import Testing

@testable import Diagnosis

private let silence = Verdict(stage: .banner, reason: .bannerTimeout, message: "m", remedy: "r")
private let cause = Verdict(stage: .banner, reason: .portExpectsTls, message: "m", remedy: "r")
private let refusal = Verdict(stage: .connect, reason: .connectRefused, message: "m", remedy: "r")

@Suite struct VerdictCacheTests {
  private func minutes(_ count: Int64) -> Duration { .seconds(count * 60) }

  @Test func `an equal symptom keeps its diagnosed verdict`() {
    var cache = VerdictCache()
    #expect(cache.decide(target: "a", symptom: silence, at: .zero) == .diagnose)
    #expect(cache.decide(target: "a", symptom: silence, at: .seconds(1)) == .keep)
    cache.finish(target: "a", begunAt: .zero, verdict: cause)
    #expect(cache.decide(target: "a", symptom: silence, at: minutes(9)) == .reuse(cause))
  }

  @Test func `while nothing changes diagnoses become rarer, down to one an hour`() {
    var cache = VerdictCache()
    var moments: [Int64] = []
    for minute in Int64(0)..<240 {
      let decision = cache.decide(target: "a", symptom: silence, at: minutes(minute))
      guard decision != .reuse(cause) else { continue }
      // From the first diagnosis on its verdict holds, also while the checks are made again.
      #expect(decision == (minute == 0 ? .diagnose : .renew(cause)))
      moments.append(minute)
      cache.finish(target: "a", begunAt: minutes(minute), verdict: cause)
    }
    #expect(moments == [0, 10, 30, 70, 130, 190])
  }

  @Test func `a success voids the verdict, not the ration`() {
    var cache = VerdictCache()
    _ = cache.decide(target: "a", symptom: silence, at: .zero)
    cache.finish(target: "a", begunAt: .zero, verdict: cause)
    cache.succeeded(target: "a")
    #expect(cache.decide(target: "a", symptom: silence, at: minutes(1)) == .keep)
    #expect(cache.decide(target: "a", symptom: silence, at: minutes(10)) == .diagnose)
  }

  @Test func `a success during the checks voids what they find`() {
    var cache = VerdictCache()
    _ = cache.decide(target: "a", symptom: silence, at: .zero)
    cache.succeeded(target: "a")
    cache.finish(target: "a", begunAt: .zero, verdict: cause)
    #expect(cache.decide(target: "a", symptom: silence, at: minutes(1)) == .keep)
  }

  @Test func `a new symptom is diagnosed at once, and voids what was proved of the old one`() {
    var cache = VerdictCache()
    _ = cache.decide(target: "a", symptom: silence, at: .zero)
    cache.finish(target: "a", begunAt: .zero, verdict: cause)
    #expect(cache.decide(target: "a", symptom: refusal, at: minutes(1)) == .diagnose)
    cache.finish(target: "a", begunAt: minutes(1), verdict: cause)
    #expect(cache.decide(target: "a", symptom: silence, at: minutes(2)) == .keep)
    #expect(cache.decide(target: "a", symptom: refusal, at: minutes(3)) == .keep)
    #expect(cache.decide(target: "a", symptom: silence, at: minutes(10)) == .diagnose)
  }

  @Test func `a symptom that no check explains voids what was proved of another`() {
    var cache = VerdictCache()
    _ = cache.decide(target: "a", symptom: silence, at: .zero)
    cache.finish(target: "a", begunAt: .zero, verdict: cause)
    cache.turned(target: "a", to: refusal, at: minutes(1))
    #expect(cache.decide(target: "a", symptom: silence, at: minutes(2)) == .keep)
  }

  @Test func `a symptom that changes during the checks voids what they find`() {
    var cache = VerdictCache()
    _ = cache.decide(target: "a", symptom: silence, at: .zero)
    _ = cache.decide(target: "a", symptom: refusal, at: .seconds(1), mayDiagnose: false)
    #expect(cache.isWanted(target: "a", begunAt: .zero), "a retry may come back to the old one")
    cache.turned(target: "a", to: refusal, at: .seconds(1))
    #expect(!cache.isWanted(target: "a", begunAt: .zero))
    cache.finish(target: "a", begunAt: .zero, verdict: cause)
    #expect(cache.decide(target: "a", symptom: silence, at: minutes(2)) == .keep)
  }

  @Test func `two at once, ten a minute`() {
    var cache = VerdictCache()
    #expect(cache.decide(target: "0", symptom: silence, at: .zero) == .diagnose)
    #expect(cache.decide(target: "1", symptom: silence, at: .zero) == .diagnose)
    #expect(cache.decide(target: "2", symptom: silence, at: .zero) == .keep)
    cache.finish(target: "0", begunAt: .zero, verdict: nil)
    cache.finish(target: "1", begunAt: .zero, verdict: nil)
    for index in 2..<20 {
      let decision = cache.decide(target: "\(index)", symptom: silence, at: .seconds(1))
      #expect(decision == (index < 10 ? .diagnose : .keep))
      if decision == .diagnose { cache.finish(target: "\(index)", begunAt: .seconds(1), verdict: nil) }
    }
    #expect(cache.decide(target: "20", symptom: silence, at: .seconds(60)) == .diagnose)
  }

  @Test func `an empty budget keeps the diagnosed label`() {
    var cache = VerdictCache()
    _ = cache.decide(target: "a", symptom: silence, at: .zero)
    cache.finish(target: "a", begunAt: .zero, verdict: cause)
    _ = cache.decide(target: "b", symptom: silence, at: minutes(20))
    _ = cache.decide(target: "c", symptom: silence, at: minutes(20))
    #expect(cache.decide(target: "a", symptom: silence, at: minutes(20)) == .reuse(cause))
  }

  @Test(arguments: [1, 2, 3])
  func `a thousand failures in ten minutes are diagnosed once a symptom`(symptoms: Int64) {
    var cache = VerdictCache()
    var diagnoses = 0
    for probe in Int64(0)..<1000 {
      let symptom = [silence, refusal, cause][Int(probe % symptoms)]
      if cache.decide(target: "a", symptom: symptom, at: .milliseconds(probe * 599)) == .diagnose {
        diagnoses += 1
        cache.finish(target: "a", begunAt: .milliseconds(probe * 599), verdict: cause)
      }
    }
    #expect(diagnoses == symptoms)
  }

  @Test func `while an attempt may follow only what is known counts`() {
    var cache = VerdictCache()
    #expect(cache.decide(target: "a", symptom: silence, at: .zero, mayDiagnose: false) == .keep)
    #expect(cache.decide(target: "a", symptom: silence, at: .zero) == .diagnose)
    cache.finish(target: "a", begunAt: .zero, verdict: cause)
    #expect(
      cache.decide(target: "a", symptom: silence, at: minutes(11), mayDiagnose: false) == .reuse(cause))
  }

  @Test func `a target that left is forgotten`() {
    var cache = VerdictCache()
    _ = cache.decide(target: "a", symptom: silence, at: .zero)
    cache.finish(target: "a", begunAt: .zero, verdict: cause)
    cache.keep(only: ["b"])
    #expect(cache.decide(target: "a", symptom: silence, at: .seconds(1)) == .diagnose)
  }

  @Test func `what was found of a target before it changed does not hold after it`() {
    var cache = VerdictCache()
    _ = cache.decide(target: "a", symptom: silence, at: .zero)
    #expect(cache.isWanted(target: "a", begunAt: .zero))
    cache.keep(only: [])
    #expect(!cache.isWanted(target: "a", begunAt: .zero))
    #expect(cache.decide(target: "a", symptom: silence, at: .seconds(1)) == .diagnose)
    #expect(cache.decide(target: "b", symptom: silence, at: .seconds(1)) == .keep, "both places are taken")
    cache.finish(target: "a", begunAt: .zero, verdict: cause)
    #expect(cache.isWanted(target: "a", begunAt: .seconds(1)))
    #expect(cache.decide(target: "a", symptom: silence, at: .seconds(2)) == .keep)
    #expect(cache.decide(target: "b", symptom: silence, at: .seconds(2)) == .diagnose)
  }

  @Test func `checks are of no use once the target works`() {
    var cache = VerdictCache()
    _ = cache.decide(target: "a", symptom: silence, at: .zero)
    cache.succeeded(target: "a")
    #expect(!cache.isWanted(target: "a", begunAt: .zero))
  }
}
