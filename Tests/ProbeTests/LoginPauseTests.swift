import Model
import SMTP
import Testing

@testable import Probe

private func plan(_ change: (inout ProbeSettings) -> Void) throws -> ProbePlan {
  var settings = ProbeSettings()
  settings.tls.mode = .none
  settings.auth = AuthSettings(username: "u", password: Secret("p"))
  settings.envelope = Envelope(from: "a@example.net", to: "b@example.net")
  settings.send = SendSettings(envelope: Envelope(from: "a@example.net", to: "b@example.net"))
  change(&settings)
  let target = Target(name: "t", host: "mail.example.test", port: 587, settings: settings)
  return try ProbePlan(target: target, hostName: "monitor.example.net", materials: TLSMaterials())
}

private let now = Timestamp(seconds: 1_795_428_000)

@Test func `without login nothing is said that may need one, be it due or not`() throws {
  let plan = try plan { _ in }
  #expect(try plan.sessionPlan(sendsMessage: false, logsIn: true, at: now).login != nil)
  for sendsMessage in [false, true] {
    let session = try plan.sessionPlan(sendsMessage: sendsMessage, logsIn: false, at: now)
    #expect(session.login == nil)
    #expect(session.transaction == nil)
  }
}

@Test(arguments: [(Stage.auth, nil), (.mail, nil), (.rcpt, nil), (.ehlo, Stage.ehlo)])
func `without login no refusal is expected that only comes behind it`(wanted: Stage, kept: Stage?) throws {
  let plan = try plan { $0.expect.reject = wanted }
  #expect(try plan.sessionPlan(sendsMessage: false, logsIn: false, at: now).expectedRejection == kept)
}

@Test func `a target without login keeps its envelope`() throws {
  let plan = try plan { $0.auth = nil }
  #expect(try plan.sessionPlan(sendsMessage: false, logsIn: false, at: now).transaction != nil)
}
