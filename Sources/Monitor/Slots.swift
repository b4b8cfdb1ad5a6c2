/// How many probes may run at once.
package struct ProbeLimits: Sendable, Equatable {
  /// In all.
  package var inFlight: Int
  /// To one address.
  package var perAddress: Int

  /// Limits; each at least 1.
  package init(inFlight: Int = 1000, perAddress: Int = 4) {
    self.inFlight = max(1, inFlight)
    self.perAddress = max(1, perAddress)
  }
}

/// Who may probe now and who waits: first come, first served, within the limits in all and per address.
///
/// A probe first takes one of its address's places and only then one of the places in all, so that a crowd at
/// one address never keeps probes of another from starting.
package struct Slots {
  private struct Lane {
    /// Holders of this address's places: running ones and those that wait for a place in all.
    var held = 0
    var waiting = Queue<Int>()
  }

  /// Where they shrink, nothing that runs is stopped.
  package var limits: ProbeLimits
  /// Probes that may run.
  package private(set) var running = 0
  private var lanes: [String: Lane] = [:]
  private var ready = Queue<(id: Int, address: String)>()

  /// Slots that are all free.
  package init(limits: ProbeLimits) { self.limits = limits }

  /// Asks for a slot; false where the probe has to wait for its turn.
  package mutating func request(_ id: Int, address: String) -> Bool {
    guard lanes[address, default: Lane()].held < limits.perAddress else {
      lanes[address]?.waiting.append(id)
      return false
    }
    lanes[address, default: Lane()].held += 1
    guard running < limits.inFlight else {
      ready.append((id, address))
      return false
    }
    running += 1
    return true
  }

  /// Gives a slot back; returns those whose turn it is now.
  package mutating func release(address: String) -> [Int] {
    running -= 1
    leave(address)
    return grant()
  }

  /// Nobody waits any longer where `isUnwanted` is true; returns those whose turn it is now.
  package mutating func dropWaiting(where isUnwanted: (Int) -> Bool) -> [Int] {
    let left = ready.elements.filter { isUnwanted($0.id) }
    ready.removeAll { isUnwanted($0.id) }
    for address in Array(lanes.keys) { lanes[address]?.waiting.removeAll(where: isUnwanted) }
    for (_, address) in left { leave(address) }
    return grant()
  }

  /// Passes an address's place on to the next that waits there.
  private mutating func leave(_ address: String) {
    guard var lane = lanes.removeValue(forKey: address) else { return }
    lane.held -= 1
    while lane.held < limits.perAddress, let next = lane.waiting.popFirst() {
      lane.held += 1
      ready.append((next, address))
    }
    if lane.held > 0 { lanes[address] = lane }
  }

  private mutating func grant() -> [Int] {
    var granted: [Int] = []
    while running < limits.inFlight, let (id, _) = ready.popFirst() {
      running += 1
      granted.append(id)
    }
    return granted
  }
}

/// First in, first out.
private struct Queue<Element> {
  private var storage: [Element] = []
  private var head = 0

  var elements: ArraySlice<Element> { storage[head...] }

  mutating func append(_ element: Element) { storage.append(element) }

  mutating func popFirst() -> Element? {
    guard head < storage.count else { return nil }
    defer {
      head += 1
      if 2 * head > storage.count {
        storage.removeFirst(head)
        head = 0
      }
    }
    return storage[head]
  }

  mutating func removeAll(where isUnwanted: (Element) -> Bool) {
    storage.removeFirst(head)
    head = 0
    storage.removeAll(where: isUnwanted)
  }
}
