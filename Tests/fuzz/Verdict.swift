import Diagnosis
import Model
import SMTP

/// What failures are called after whatever a server said: from the lists, in plain words, without control characters.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  var input = Input(start, count)
  let stage = input.choice(of: Stage.allCases)
  let kind = input.choice(of: 5)
  var settings = ProbeSettings()
  settings.tls.mode = input.choice(of: TLSMode.allCases)
  let target = Target(
    name: "t", host: input.choice(of: ["smtp.gmail.com", "smtp.sendgrid.net", "mail.example"]),
    port: input.choice(of: [25, 456, 465, 587]), settings: settings)
  let rest = input.rest
  var parser = ReplyParser()
  parser.append(rest)
  let reply = (try? parser.next()) ?? Reply(code: 500, lines: [Array(rest.prefix(512))])
  let fault: Fault =
    switch kind {
    case 0: .rejected(reply)
    case 1: .badReply("it is no reply", bytes: rest)
    case 2: .closed(reset: rest.count.isMultiple(of: 2))
    case 3: .plaintextAcrossTLS(rest)
    default: .timeout
    }
  var observation = Observation(
    fault: fault, stage: stage, target: target, now: Timestamp(microseconds: 1_700_000_000_000_000))
  observation.greeting = reply
  observation.lastReply = reply
  observation.rawBytes = rest
  observation.clearCapabilities = Capabilities(reply).lines
  let verdict = verdict(for: observation)
  require(!verdict.message.isEmpty && !verdict.outcome.isSuccess, "a failure without a word")
  for text in [verdict.message, verdict.remedy] + verdict.evidence.map(\.text) {
    require(!text.utf8.contains { $0 < 0x20 && $0 != 0x0A || $0 == 0x7F }, "a control character is shown")
    require(text.utf8.count < 8192, "a text without end")
  }
  return 0
}
