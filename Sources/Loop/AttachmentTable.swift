import Base
import CLinux

/// A socket's place in the table of those that the kernel tells the loop of by itself.
package struct Attachment: Sendable, Hashable {
  /// The descriptor's number.
  let number: Int32
  /// Which use of the number: an event for a socket that has closed finds nobody.
  let use: UInt32

  /// Set in no wait's number.
  private static let mark = UInt64(1) << 63

  init(number: Int32, use: UInt32) {
    self.number = number
    self.use = use
  }

  /// What the kernel gives back with an event; nil for the number of a wait.
  init?(rawValue: UInt64) {
    guard rawValue & Self.mark != 0 else { return nil }
    number = Int32(truncatingIfNeeded: rawValue & 0xFFFF_FFFF)
    use = UInt32(truncatingIfNeeded: (rawValue & ~Self.mark) >> 32)
  }

  var rawValue: UInt64 { Self.mark | UInt64(use) << 32 | UInt64(UInt32(bitPattern: number)) }
}

/// What is known of the sockets that are attached to a loop, from their connection to their end.
///
/// They are registered once, edge-triggered (epoll(7)): the kernel tells of a change once, whether somebody waits or
/// not, and nothing has to be asked for before a wait. So what it told is kept until somebody takes it.
struct AttachmentTable {
  private struct Place {
    var use: UInt32 = 0
    /// What the kernel told and nobody has taken yet. The end of the stream and errors stay: they last.
    var events: UInt32 = 0
    var learntAt = MonotonicInstant.distantFuture
    /// The last wait, which may have ended, and what it is for.
    var wait: WaitID?
    var wanted: Readiness = []
  }

  /// All that a socket tells of.
  static let interest =
    EPOLLIN.rawValue | EPOLLPRI.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue

  private static let broken = EPOLLERR.rawValue | EPOLLHUP.rawValue
  private static let readable = EPOLLIN.rawValue | EPOLLPRI.rawValue | EPOLLRDHUP.rawValue | broken
  private static let writable = EPOLLOUT.rawValue | broken

  /// By the descriptor's number.
  private var places: [Place] = []

  /// A socket with this number takes its place, and whatever had it before loses it.
  mutating func attach(_ number: Int32) -> Attachment {
    let index = Int(number)
    while places.count <= index { places.append(Place()) }
    places[index] = Place(use: (places[index].use + 1) & 0x7FFF_FFFF)
    return Attachment(number: number, use: places[index].use)
  }

  /// Keeps what the kernel tells; returns the wait that it may be for.
  mutating func note(_ events: UInt32, of attachment: Attachment, at moment: MonotonicInstant) -> WaitID? {
    guard isAttached(attachment) else { return nil }
    let index = Int(attachment.number)
    places[index].events |= events
    places[index].learntAt = moment
    return isReady(index, places[index].wanted) ? places[index].wait : nil
  }

  /// Takes readiness that the kernel told of; when the loop learnt of it, or nil where there is none.
  mutating func take(_ wanted: Readiness, of attachment: Attachment) -> MonotonicInstant? {
    let index = index(of: attachment)
    guard isReady(index, wanted) else { return nil }
    places[index].events &= ~wanted.rawValue
    return places[index].learntAt
  }

  /// Takes the readiness that the last wait was for.
  mutating func takeWanted(of attachment: Attachment) {
    _ = take(places[index(of: attachment)].wanted, of: attachment)
  }

  /// The last wait for a socket.
  func lastWait(for attachment: Attachment) -> WaitID? { places[index(of: attachment)].wait }

  /// A wait begins.
  mutating func begin(_ wait: WaitID, for wanted: Readiness, of attachment: Attachment) {
    let index = index(of: attachment)
    places[index].wait = wait
    places[index].wanted = wanted
  }

  /// Nothing was there, whatever the kernel told before: the next change will be told.
  mutating func settle(_ attachment: Attachment) { places[index(of: attachment)].events = 0 }

  /// The kernel told of an error, or of the end of both directions.
  func isBroken(_ attachment: Attachment) -> Bool {
    places[index(of: attachment)].events & Self.broken != 0
  }

  /// The kernel told of urgent data, and it may not all be read yet.
  func isUrgent(_ attachment: Attachment) -> Bool {
    places[index(of: attachment)].events & EPOLLPRI.rawValue != 0
  }

  private func isReady(_ index: Int, _ wanted: Readiness) -> Bool {
    let events = places[index].events
    return (wanted.contains(.read) && events & Self.readable != 0)
      || (wanted.contains(.write) && events & Self.writable != 0)
  }

  private func isAttached(_ attachment: Attachment) -> Bool {
    Int(attachment.number) < places.count && places[Int(attachment.number)].use == attachment.use
  }

  private func index(of attachment: Attachment) -> Int {
    precondition(isAttached(attachment), "a socket stays on the loop that it was opened on")
    return Int(attachment.number)
  }
}
