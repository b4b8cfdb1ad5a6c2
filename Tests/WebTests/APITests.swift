import Foundation
import HTTP
import Model
import Monitor
import Testing
import Web

private func object(_ path: String) throws -> [String: Any] {
  let response = try ask(path)
  #expect(response.headers["Content-Type"] == "application/json")
  return try #require(try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any])
}

@Test func `a result in JSON has exactly the promised shape`() throws {
  var result = try #require(TargetSnapshot.rejected.last).value
  result.suggestion = Suggestion(port: 465, tlsMode: .implicit)
  result.transcript = [
    TranscriptLine(at: .milliseconds(31), from: .server, tls: false, text: "220 \"hi\"\u{1}")
  ]
  let fingerprint = String(repeating: "0f", count: 32)
  #expect(
    String(decoding: json(of: result), as: UTF8.self) == #"""
      {"target":"plunk","host":"smtp.useplunk.com","port":587,"tls_mode":"starttls",\#
      "started_at":"2026-11-23T09:59:48.000Z","duration_seconds":0.231,"outcome":"down","success":false,\#
      "stage":"auth","reason":"auth_rejected","retryable":false,"attempts":1,\#
      "message":"The server refused the login of user plunk.",\#
      "remedy":"Check auth.username and auth.password_file: the server does not know this pair.",\#
      "suggestion":{"port":465,"tls_mode":"implicit"},\#
      "evidence":[{"kind":"reply","text":"535 5.7.8 Authentication credentials invalid"},\#
      {"kind":"hint",\#
      "text":"provider_rule: the user name is always plunk, the password is the secret API key"}],\#
      "address":"203.0.113.7","family":"ipv4",\#
      "phases":{"dns":0.004,"connect":0.02,"tls":0.062,"banner":0.031,"ehlo":0.02,"starttls":0.0197,\#
      "ehlo_tls":0.021,"auth":0.053},\#
      "reply":{"code":535,"enhanced":"5.7.8","text":"5.7.8 Authentication credentials invalid"},\#
      "smtp":{"banner":"smtp.useplunk.com ESMTP ready",\#
      "capabilities":["SIZE 10240000","AUTH PLAIN LOGIN X-EVIL","x-evil"],\#
      "auth_mechanisms":["PLAIN","LOGIN","X-EVIL"],"auth_mechanism":"PLAIN"},\#
      "tls":{"version":"TLSv1.3","cipher":"TLS_AES_256_GCM_SHA384","verified":true,"verify_error":null,"group":null,\#
      "ocsp":{"status":"good","this_update":"2026-11-23T09:00:00.000Z","next_update":"2026-11-24T10:00:00.000Z",\#
      "revoked_at":null,"revocation_reason":null,"must_staple":true,"detail":""},\#
      "subject":"CN=smtp.useplunk.com","issuer":"C=US,O=Let's Encrypt,CN=R11",\#
      "names":["smtp.useplunk.com","*.useplunk.com"],\#
      "fingerprint_sha256":"\#(fingerprint)","serial":"04a1b2",\#
      "not_before":"2026-10-24T10:00:00.000Z","not_after":"2027-01-22T11:00:00.000Z",\#
      "chain_not_after":"2027-01-22T11:00:00.000Z","key_algorithm":null,"key_bits":null,\#
      "signature_algorithm":null,"chain":[]},\#
      "policy":null,"token_expires_at":null,"transcript":[{"at":0.031,"from":"server","tls":false,"text":"220 \"hi\"\u0001"}]}
      """#)
}

@Test func `a good result has no stage and what was not seen is null`() throws {
  let target = Target(name: "t", host: "h", port: 25)
  let text = String(
    decoding: json(of: ProbeResult(target: target, startedAt: FakeHistory.now)), as: UTF8.self)
  #expect(text.contains(#""outcome":"up","success":true,"stage":null,"reason":"ok""#))
  #expect(text.contains(#""suggestion":null"#) && text.contains(#""reply":null,"smtp":null,"tls":null"#))
}

@Test func `the summary counts states`() throws {
  #expect(
    try ask("/api/v1/summary").text == #"""
      {"generated_at":"2026-11-23T10:00:00.000Z","status":"down","counts":{"total":6,"down":2,"degraded":1,\#
      "inconclusive":1,"pending":1,"up":1},"suspicions":[]}
      """#)
}

@Test func `targets are listed in short, all or some`() throws {
  let all = try object("/api/v1/targets")
  let targets = try #require(all["targets"] as? [[String: Any]])
  #expect(targets.count == 6)
  #expect(targets[0]["name"] as? String == "plunk")
  #expect(targets[0]["reason"] as? String == "auth_rejected")
  #expect(targets[4]["state"] as? String == "pending")
  #expect(targets[4]["reason"] is NSNull)
  let down = try object("/api/v1/targets?state=down")
  #expect((down["targets"] as? [Any])?.count == 2)
  #expect(try ask("/api/v1/targets?state=x").status == 400)
}

@Test func `a target is told in full`() throws {
  let target = try object("/api/v1/targets/plunk")
  #expect(
    Set(target.keys) == [
      "name", "group", "labels", "module", "interval_seconds", "state", "since", "consecutive_failures",
      "auth_paused_until", "next_run_at", "next_message_at", "last", "last_failure", "uptime", "certificate",
      "delivery",
    ])
  #expect(target["interval_seconds"] as? Double == 30)
  #expect(target["since"] as? String == "2026-11-23T09:55:00.000Z")
  let uptime = try #require((target["uptime"] as? [[String: Any]])?.last)
  #expect(uptime["window"] as? String == "24h")
  #expect(uptime["horizon_seconds"] as? Double == 7200)
  #expect(((target["certificate"] as? [String: Any])?["names"] as? [String])?.count == 2)
}

@Test func `a name with a slash is found by its escaped form`() throws {
  #expect(try object("/api/v1/targets/mail%20a%2Fb")["name"] as? String == "mail a/b")
}

@Test func `results are paged, newest first`() throws {
  let first = try object("/api/v1/targets/plunk/results?limit=2")
  let results = try #require(first["results"] as? [[String: Any]])
  #expect(results.count == 2)
  #expect(
    Set(results[0].keys) == [
      "started_at", "duration_seconds", "outcome", "stage", "reason", "reply_code", "attempts", "family",
      "phases",
    ])
  #expect(results[0]["reply_code"] as? Int == 535)
  #expect(first["next_before"] as? Int == 58)
  let last = try object("/api/v1/targets/plunk/results?limit=1000&before=58")
  #expect((last["results"] as? [Any])?.count == 58)
  #expect(last["next_before"] is NSNull)
}

@Test func `events are paged, newest first`() throws {
  let page = try object("/api/v1/targets/plunk/events?limit=1")
  let event = try #require((page["events"] as? [[String: Any]])?.first)
  #expect(Set(event.keys) == ["at", "kind", "from", "to", "reason", "duration_seconds"])
  #expect(event["to"] as? String == "down")
  #expect(page["next_before"] as? Int == 3)
}

@Test(arguments: [
  ("plunk/results?limit=0", 400), ("plunk/results?limit=1001", 400), ("plunk/results?limit=x", 400),
  ("plunk/results?before=-1", 400), ("plunk/events?before=", 400), ("nobody", 404), ("nobody/results", 404),
  ("nobody/events", 404), ("plunk/nothing", 404),
])
func `what makes no sense is refused with a hint`(path: String, status: Int) throws {
  let response = try ask("/api/v1/targets/\(path)")
  #expect(response.status == status)
  let problem = try #require(try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: String])
  #expect(Set(problem.keys) == ["error", "hint"])
}
