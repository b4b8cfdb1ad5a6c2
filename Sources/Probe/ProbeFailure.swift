import Base
import DNS
import Diagnosis
import Loop
import Model
import SMTP

/// The end of a probe that went wrong: what, where, and what the stage was allowed. On the heap: each wait that may
/// throw it would keep room for it in the frame of every function that passes it on.
final class ProbeFailure: Error {
  let fault: Fault
  let stage: Stage
  /// How long the stage took until it failed, and what it was allowed; nothing where no packet was sent.
  let elapsed: Duration
  let limit: Duration

  init(_ fault: Fault, at stage: Stage) {
    self.fault = fault
    self.stage = stage
    elapsed = .zero
    limit = .zero
  }

  init(_ fault: Fault, at stage: Stage, since: MonotonicInstant, limit: MonotonicInstant) {
    self.fault = fault
    self.stage = stage
    elapsed = since.duration(to: .now())
    self.limit = since.duration(to: limit)
  }

  /// The server is not who it should be.
  var isDistrust: Bool {
    @inline(never) get { fault.isDistrust }
  }
}

extension Fault {
  init(_ error: DNSError) {
    self =
      switch error {
      case .notFound: .name(.notFound)
      case .noAddress: .name(.noAddress)
      case .acceptsNoMail: .name(.acceptsNoMail)
      case .refused(let words): .name(.refused(words))
      case .timeout: .name(.timeout)
      case .malformed(let words): .name(.malformed(words))
      case .local(let words): .local(words)
      case .ended: .local(Self.stopping)
      }
  }

  init(_ error: ConnectError) {
    self =
      switch error {
      case .timedOut, .system: .connect
      case .local(let error): .local(error.description)
      case .ended: .local(Self.stopping)
      }
  }

  init(_ error: SendError) {
    self =
      switch error {
      case .timedOut: .timeout
      case .reset: .closed(reset: true)
      case .system(let error): .local(error.description)
      case .ended: .local(Self.stopping)
      }
  }

  init(_ fault: SessionFault) {
    self =
      switch fault {
      case .rejected(let reply): .rejected(reply)
      case .starttlsNotOffered: .starttlsNotOffered
      case .plaintextAcrossTLS(let bytes): .plaintextAcrossTLS(bytes)
      case .authNotOffered: .authNotOffered
      case .authWithoutTLS: .authWithoutTLS
      case .noCommonMechanism(let offered, let wanted): .noCommonMechanism(offered: offered, wanted: wanted)
      case .sasl(.serverUnverified(let words)): .serverUnverified(words)
      case .sasl(let error): .badReply(error.description, bytes: [])
      case .expectation(let wanted, let saw): .expectation(wanted: wanted, saw: saw)
      }
  }

  /// TLS stands, with a server that is not to be trusted.
  var isDistrust: Bool {
    switch self {
    case .certificate, .policy: true
    default: false
    }
  }

  static let stopping = "the monitor stopped before the probe ended"
}

extension ConnectError {
  /// The trouble is the monitor's own.
  var isLocal: Bool {
    switch self {
    case .local, .ended: true
    case .timedOut, .system: false
    }
  }
}

extension ConnectFailure {
  init?(_ error: ConnectError) {
    switch error {
    case .timedOut: self = .timeout
    case .system(let error), .local(let error): self = .system(errno: error.code, text: error.description)
    case .ended: return nil
    }
  }
}

extension AddressFamily {
  init(_ family: SocketAddress.Family) { self = family == .ipv4 ? .ipv4 : .ipv6 }
}
