import Base
import Glibc

/// The connections of a server: how many there are, whose, and how long each may stay as it is.
///
/// What takes too long is shut down, not closed: the library sees the end of the stream and closes it. It says so
/// before it gives the descriptor back, so that none is shut down that belongs to somebody else by then.
final class ConnectionTable: Sendable {
  /// What a connection does.
  enum Phase {
    /// The next request's headers are awaited.
    case waiting
    /// Its body is.
    case receiving
    /// The program works at the answer, or adds to it now and then.
    case handling
    /// The client takes the answer.
    case sending
  }

  private struct Entry {
    let descriptor: Int32
    let client: ClientAddress?
    var phase = Phase.waiting
    var since: MonotonicInstant
    var isCut = false
  }

  private let limits: HTTPLimits
  private let entries = Locked([ObjectIdentifier: Entry]())

  init(limits: HTTPLimits) { self.limits = limits }

  /// How many connections there are.
  var count: Int { entries.withLock { $0.count } }

  /// Takes a connection in. Where there are too many, in all or of the same client, the one that has been waited
  /// for longest is cut, so that those who only hold connections do not keep others out.
  func open(
    _ id: ObjectIdentifier, descriptor: Int32, client: ClientAddress?, at now: MonotonicInstant = .now()
  ) {
    entries.withLock { entries in
      if let client {
        Self.makeRoom(in: &entries, below: limits.connectionsPerClient) { $0.client == client }
      }
      Self.makeRoom(in: &entries, below: limits.connections) { _ in true }
      entries[id] = Entry(descriptor: descriptor, client: client, since: now)
    }
  }

  /// Notes what a connection does from now on.
  func note(_ id: ObjectIdentifier, _ phase: Phase, at now: MonotonicInstant = .now()) {
    entries.withLock { entries in
      entries[id]?.phase = phase
      entries[id]?.since = now
    }
  }

  /// Forgets a connection, whose descriptor is about to be closed.
  func close(_ id: ObjectIdentifier) { entries.withLock { $0[id] = nil } }

  /// Cuts what has taken too long.
  func sweep(at now: MonotonicInstant = .now()) {
    entries.withLock { entries in
      for (id, entry) in entries where !entry.isCut && entry.since.duration(to: now) > time(for: entry.phase)
      {
        Self.cut(id, in: &entries)
      }
    }
  }

  private func time(for phase: Phase) -> Duration {
    switch phase {
    case .waiting: limits.headerTime
    case .receiving: limits.bodyTime
    case .handling: .seconds(Int64.max)
    case .sending: limits.answerTime
    }
  }

  private static func makeRoom(
    in entries: inout [ObjectIdentifier: Entry], below limit: Int, among counts: (Entry) -> Bool
  ) {
    let present = entries.filter { !$0.value.isCut && counts($0.value) }
    guard present.count >= limit,
      let idlest = present.filter({ $0.value.phase == .waiting }).min(by: { $0.value.since < $1.value.since })
    else { return }
    cut(idlest.key, in: &entries)
  }

  private static func cut(_ id: ObjectIdentifier, in entries: inout [ObjectIdentifier: Entry]) {
    guard let entry = entries[id] else { return }
    shutdown(entry.descriptor, Int32(SHUT_RDWR))
    entries[id]?.isCut = true
  }
}
