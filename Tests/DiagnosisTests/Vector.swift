import Model
import SMTP
import Testing

@testable import Diagnosis

/// A conversation that failed, and the name that its failure must get.
struct Vector: Sendable, CustomTestStringConvertible {
  var id: String
  var seen: Observation
  var stage: Stage
  var reason: Reason
  var hints: [Hint]
  /// Words that the verdict must hold.
  var words: [String]

  init(
    _ id: String, _ seen: Observation, _ stage: Stage, _ reason: Reason, hints: [Hint] = [],
    _ words: String...
  ) {
    self.id = id
    self.seen = seen
    self.stage = stage
    self.reason = reason
    self.hints = hints
    self.words = words
  }

  var testDescription: String { id }
}

/// A failure in which the first bytes where TLS was expected were text.
func greetedInClear(
  _ raw: String, mode: TLSMode = .implicit, port: Int = 587, reason: Int = 267
) -> Observation {
  observation(.tls(tlsFault(reason, "wrong version number")), .tls, target(port: port, mode: mode)) {
    $0.rawBytes = Array(raw.utf8)
    $0.bytesReceived = raw.utf8.count
  }
}

func broken(_ reason: Int, _ text: String = "words", requested: Bool = false) -> Observation {
  observation(.tls(tlsFault(reason, text, requested: requested)), .tls, target(mode: .implicit))
}

func login(_ lines: String..., mechanism: Mechanism = .plain, secured: Bool = true) -> Observation {
  let answer = Reply(firstIn: Array(lines.joined(separator: "\n").utf8)) ?? Reply(code: 0, lines: [])
  return observation(.rejected(answer), .auth, target(user: "probe")) {
    $0.isInTLS = secured
    $0.mechanism = mechanism
    $0.clearCapabilities = ["SIZE 1000", "STARTTLS"]
  }
}

func answered(_ stage: Stage, _ lines: String..., secured: Bool = true) -> Observation {
  let answer = Reply(firstIn: Array(lines.joined(separator: "\n").utf8)) ?? Reply(code: 0, lines: [])
  return observation(.rejected(answer), stage) { $0.isInTLS = secured }
}

/// Every vector.
let allVectors =
  connectionVectors + greetingVectors + ehloVectors + tlsVectors + certificateVectors + loginVectors
  + mailVectors
