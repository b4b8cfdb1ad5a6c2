import Model
import Monitor
import Testing

@Test func `A failure that a retry cures is degraded, in the first failure's words`() throws {
  let world = World { _, context in
    context.attempt == 1 ? .failure(.banner, .serverBusy, message: "421 too busy") : .init()
  }
  world.run([.sample(every: .seconds(3600))])
  #expect(world.probeNow("a"))
  world.advance(by: .seconds(5))
  #expect(world.starts.map(\.at) == [.zero, .milliseconds(2100)])
  let last = try #require(world.target("a")?.last)
  #expect(last.outcome == .degraded)
  #expect(last.reason == .recoveredOnRetry)
  #expect(last.stage == nil)
  #expect(last.attempts == 2)
  #expect(last.message.contains("421 too busy"))
  let counters = try #require(world.target("a")).counters
  #expect(counters.retries == 1)
  #expect(counters.runs == 1)
  #expect(counters.failures == 0)
}

@Test func `A failure that stays is reported after all attempts`() throws {
  let world = World { _, context in
    .failure(.banner, .serverBusy, message: "try \(context.attempt)")
  }
  world.run([.sample(every: .seconds(3600)) { $0.retries = 3 }])
  #expect(world.probeNow("a"))
  world.advance(by: .seconds(10))
  let last = try #require(world.target("a")?.last)
  #expect(last.outcome == .down)
  #expect(last.attempts == 4)
  #expect(last.message == "try 4")
  #expect(world.target("a")?.counters.retries == 3)
  #expect(world.target("a")?.consecutiveFailures == 1)
}

@Test(arguments: [
  (Stage.auth, Reason.authRejected), (.connect, .connectRefused), (.tls, .certExpired),
  (.mail, .replyTimeout), (.rcpt, .connClosed), (.data, .serverBusy), (.message, .replyTimeout),
])
func `No retry where it is pointless, dangerous or after MAIL`(stage: Stage, reason: Reason) {
  let world = World { _, _ in .failure(stage, reason) }
  world.run([.sample(every: .seconds(3600)) { $0.retries = 3 }])
  #expect(world.probeNow("a"))
  world.advance(by: .seconds(30))
  #expect(world.starts.count { $0.at < .seconds(1) } == 1)
  #expect(world.target("a")?.last?.attempts == 1)
}

@Test func `A phase of MAIL forbids a retry whatever the stage says`() {
  let result = ProbeResult.sample(.down, stage: .internal, reason: .localError) {
    $0.phases[.mail] = .milliseconds(3)
  }
  #expect(result.reachedMail)
  #expect(!result.mayRetrySoon)
}

@Test func `No retry begins beyond the next run`() {
  let world = World { _, _ in .failure(.connect, .connectTimeout, takes: .seconds(9)) }
  world.run([.sample(every: .seconds(10))])
  world.advance(by: .seconds(60))
  #expect(world.starts.allSatisfy { $0.context.attempt == 1 })
  #expect(world.skipped == [:])
}

@Test func `A retry that is cut short by the next run leaves the first failure as it was`() throws {
  let world = World { _, context in
    context.attempt == 1
      ? .failure(.ehlo, .connClosed, takes: .seconds(4))
      : .failure(.connect, .connectTimeout, takes: context.timeLimit)
  }
  world.run([.sample(every: .seconds(10))])
  world.advance(by: .seconds(25))
  let retry = try #require(world.starts.first { $0.context.attempt == 2 })
  #expect(retry.context.timeLimit == .seconds(4))
  let last = try #require(world.target("a")?.last)
  #expect(last.reason == .connClosed)
  #expect(last.attempts == 2)
}

@Test func `A degraded success keeps its own reason after a retry`() {
  let first = ProbeResult.sample(.down, stage: .banner, reason: .serverBusy) {
    $0.evidence = [Evidence(.reply, "421 busy")]
  }
  let second = ProbeResult.sample(.degraded, reason: .certExpiring)
  let result = second.recovered(from: first)
  #expect(result.reason == .certExpiring)
  #expect(result.evidence == [Evidence(.reply, "421 busy")])
}

@Test func `Shutdown does not wait for a retry, and keeps the first failure`() {
  let world = World { _, _ in .failure(.banner, .serverBusy) }
  world.run([.sample(every: .seconds(3600)) { $0.retryBackoff = .seconds(60) }])
  #expect(world.probeNow("a"))
  world.advance(by: .seconds(1))
  let left = world.shutdown(grace: .seconds(5))
  #expect(left() == 0)
  #expect(world.target("a")?.last?.reason == .serverBusy)
  #expect(world.starts.count == 1)
}
