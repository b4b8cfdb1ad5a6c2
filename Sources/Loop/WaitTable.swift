/// A wait's number: its place in the table and the use of that place, so that an event for a wait that has
/// ended finds nobody. The highest bit is never set: it marks attachments.
struct WaitID: Hashable, Sendable {
  let rawValue: UInt64

  init(rawValue: UInt64) { self.rawValue = rawValue }

  init(index: Int, use: UInt32) { rawValue = UInt64(use) << 32 | UInt64(index) }

  var index: Int { Int(rawValue & 0xFFFF_FFFF) }
  var use: UInt32 { UInt32(rawValue >> 32) }
}

/// Who is to be told when something happens.
@safe enum Waiter {
  /// A task that waits once. Unsafe, because a checked continuation costs an allocation a wait; the table
  /// gives each out exactly once.
  case task(UnsafeContinuation<WaitOutcome, Never>)
  /// A function to be called once, at its deadline.
  case timer(EventLoop.TimerHandler)
  /// A function that is called at each event.
  case watch(EventLoop.WatchHandler)
}

/// The waits under way. Places are used again, so that no wait costs an allocation.
struct WaitTable {
  private struct Place {
    var use: UInt32 = 1
    var waiter: Waiter?
    var hasDeadline = false
  }

  private var places: [Place] = []
  private var free: [Int] = []
  /// How many of the waits have a deadline.
  private(set) var deadlines = 0

  mutating func insert(_ waiter: Waiter, hasDeadline: Bool) -> WaitID {
    if free.isEmpty {
      free.append(places.count)
      places.append(Place())
    }
    let index = free.removeLast()
    places[index].waiter = waiter
    places[index].hasDeadline = hasDeadline
    if hasDeadline { deadlines += 1 }
    return WaitID(index: index, use: places[index].use)
  }

  func isLive(_ id: WaitID) -> Bool {
    id.index < places.count && places[id.index].use == id.use && places[id.index].waiter != nil
  }

  /// The waiter, who stays.
  func waiter(_ id: WaitID) -> Waiter? { isLive(id) ? places[id.index].waiter : nil }

  /// The waiter, who leaves; nil if the wait has ended already.
  mutating func remove(_ id: WaitID) -> Waiter? {
    guard isLive(id) else { return nil }
    let waiter = places[id.index].waiter.take()
    if places[id.index].hasDeadline { deadlines -= 1 }
    places[id.index].use = (places[id.index].use + 1) & 0x7FFF_FFFF
    free.append(id.index)
    return waiter
  }

  /// Every waiter; all leave.
  mutating func removeAll() -> [Waiter] {
    places.indices.compactMap { index in remove(WaitID(index: index, use: places[index].use)) }
  }
}
