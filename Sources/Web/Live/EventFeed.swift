import Base
import HTTP
package import Model
package import Monitor

/// Tells everyone who listens at `/api/v1/events` what happens to targets, as server-sent events (WHATWG HTML,
/// section 9.2). Any thread may use it.
package final class EventFeed: Sendable {
  /// How many may listen at once.
  package static let capacity = 64
  /// How often listeners should hear something, so that proxies keep the connection and a listener that has
  /// gone is noticed.
  package static let heartbeat = Duration.seconds(15)
  /// What a listener that comes back can be told again.
  private static let remembered = 256

  /// Events of another run have another name, so that none is taken for one of these.
  private let run: String
  private let state = Locked(State())

  private struct State {
    var listeners: [ObjectIdentifier: ResponseStream] = [:]
    var next = 1
    /// Oldest first; the last has the number `next - 1`.
    var past: [[UInt8]] = []
  }

  /// A feed that nobody listens to, of a run that began then.
  package init(startedAt: Timestamp) { run = String(startedAt.microseconds, radix: 36) }

  /// How many listen.
  package var listenerCount: Int { state.withLock(\.listeners.count) }

  /// Something happened to a target, which stands as `target` since.
  package func publish(_ event: Event, of target: TargetSnapshot) {
    let data: JSON = [
      "target": .string(target.target.name),
      "at": JSON(event.at),
      "kind": .string(event.kind.rawValue),
      "from": JSON(event.from),
      "to": JSON(event.to),
      "reason": JSON(event.reason?.slug),
      "duration_seconds": JSON(event.duration),
      "state": .string(target.state.rawValue),
    ]
    let rendered = data.bytes
    let (message, listeners) = state.withLock { state in
      let message =
        Array("id: \(run)-\(state.next)\nevent: \(event.kind.rawValue)\ndata: ".utf8) + rendered + [10, 10]
      state.next += 1
      state.past.append(message)
      if state.past.count > Self.remembered { state.past.removeFirst() }
      return (message, Array(state.listeners.values))
    }
    for listener in listeners { listener.send(message) }
  }

  /// Says to every listener that the monitor is there. To be called each `heartbeat`.
  package func beat() {
    for listener in state.withLock({ Array($0.listeners.values) }) { listener.send(": still here\n\n".utf8) }
  }

  /// The stream of a new listener, which knows everything up to the event with that name; nil where too many
  /// listen already.
  func join(after last: String?) -> ResponseStream? {
    let key = Locked<ObjectIdentifier?>(nil)
    let stream = ResponseStream { [state] in
      state.withLock { state in
        if let key = key.withLock({ $0 }) { state.listeners[key] = nil }
      }
    }
    let isWelcome = state.withLock { state in
      guard state.listeners.count < Self.capacity else { return false }
      // Within the lock, so that nothing that happens meanwhile is missed or told twice.
      stream.send("retry: 5000\n: what happens to targets follows\n\n".utf8)
      for message in missed(after: last, in: state) { stream.send(message) }
      key.withLock { $0 = ObjectIdentifier(stream) }
      state.listeners[ObjectIdentifier(stream)] = stream
      return true
    }
    return isWelcome ? stream : nil
  }

  private func missed(after last: String?, in state: State) -> ArraySlice<[UInt8]> {
    guard let last, last.hasPrefix("\(run)-"), let number = Int(last.dropFirst(run.count + 1)),
      (0..<state.next).contains(number)
    else { return [] }
    return state.past.suffix(state.next - 1 - number)
  }
}
