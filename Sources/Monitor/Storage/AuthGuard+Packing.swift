package import Model

// Refusals outlive a restart: a monitor that its service manager starts again and again locks no account.
extension AuthGuard {
  func pack(into packer: inout Packer) {
    packer.put(1, count: refusals)
    if let refusal { packer.put(2) { refusal.pack(into: &$0) } }
    if let pause {
      packer.put(3, signed: pause.length.wholeNanoseconds)
      packer.put(4, pause.endTime)
    }
  }

  /// Its times are those of the calendar only, until `resumed` is called.
  init(fields: Unpacker) {
    self.init()
    var length: Duration?
    var endTime: Timestamp?
    for field in fields {
      switch field.number {
      case 1: refusals = field.count
      case 2: refusal = Refusal(fields: field.fields)
      case 3: length = .nanoseconds(field.signed)
      case 4: endTime = field.moment
      default: break
      }
    }
    if let length, let endTime {
      pause = Pause(
        length: min(max(length, Self.firstPause), Self.longestPause), end: .zero, endTime: endTime)
    }
  }

  /// The guard after a restart. Who restarts may have mended the login: a pause ends within the length of a first
  /// one. What was refused is not forgotten, so that the next refusal makes a longer pause than the last.
  ///
  /// - Parameters:
  ///   - now: the present moment since the monitor's start.
  ///   - time: the same moment by the calendar.
  package func resumed(at now: Duration, time: Timestamp) -> AuthGuard {
    var resumed = self
    guard let pause else { return resumed }
    let rest = min(max(.zero, pause.endTime - time), Self.firstPause)
    resumed.pause?.end = now + rest
    resumed.pause?.endTime = rest == .zero ? pause.endTime : time + rest
    return resumed
  }
}

extension AuthGuard.Refusal {
  func pack(into packer: inout Packer) {
    if let stage { packer.put(1, UInt64(stage.rawValue)) }
    packer.put(2, UInt64(reason.rawValue))
    packer.put(3, UInt64(outcome.rawValue))
    packer.put(4, message)
    packer.put(5, remedy)
    for piece in evidence { piece.put(6, into: &packer) }
  }

  init?(fields: Unpacker) {
    var reason: Reason?
    var refusal = AuthGuard.Refusal(
      stage: nil, reason: .ok, outcome: .down, message: "", remedy: "", evidence: [])
    for field in fields {
      switch field.number {
      case 1: refusal.stage = Stage(rawValue: UInt8(clamping: field.value))
      case 2: reason = Reason(rawValue: UInt8(clamping: field.value))
      case 3: refusal.outcome = Outcome(rawValue: UInt8(clamping: field.value)) ?? .down
      case 4: refusal.message = field.text
      case 5: refusal.remedy = field.text
      case 6: if let piece = Evidence(fields: field.fields) { refusal.evidence.append(piece) }
      default: break
      }
    }
    guard let reason else { return nil }
    refusal.reason = reason
    self = refusal
  }
}
