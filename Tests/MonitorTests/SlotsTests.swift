import Monitor
import Testing

/// `#expect` cannot hold a mutating call.
private func expect<Value: Equatable>(
  _ value: Value, _ wanted: Value, at location: SourceLocation = #_sourceLocation
) {
  #expect(value == wanted, sourceLocation: location)
}

@Test func `Slots are given in the order of asking`() {
  var slots = Slots(limits: ProbeLimits(inFlight: 2, perAddress: 2))
  expect(slots.request(1, address: "a"), true)
  expect(slots.request(2, address: "b"), true)
  expect(slots.request(3, address: "c"), false)
  expect(slots.request(4, address: "a"), false)
  expect(slots.release(address: "a"), [3])
  expect(slots.release(address: "b"), [4])
  expect(slots.release(address: "c"), [])
  #expect(slots.running == 1)
}

@Test func `A crowd at one address does not keep others waiting`() {
  var slots = Slots(limits: ProbeLimits(inFlight: 3, perAddress: 1))
  expect(slots.request(1, address: "a"), true)
  for id in 2...5 { expect(slots.request(id, address: "a"), false) }
  expect(slots.request(6, address: "b"), true)
  expect(slots.release(address: "a"), [2])
}

@Test func `Who leaves the queue gives its place to the next`() {
  var slots = Slots(limits: ProbeLimits(inFlight: 1, perAddress: 1))
  expect(slots.request(1, address: "a"), true)
  expect(slots.request(2, address: "b"), false)
  expect(slots.request(3, address: "b"), false)
  expect(slots.dropWaiting { $0 == 2 }, [])
  expect(slots.release(address: "a"), [3])
}

@Test func `Raised limits count from the next change on`() {
  var slots = Slots(limits: ProbeLimits(inFlight: 1, perAddress: 1))
  expect(slots.request(1, address: "a"), true)
  for id in 2...4 { expect(slots.request(id, address: "a"), false) }
  slots.limits = ProbeLimits(inFlight: 9, perAddress: 3)
  expect(slots.release(address: "a"), [2, 3, 4])
}

@Test(arguments: 1...20) func `No limit is ever exceeded and nobody is forgotten`(seed: UInt64) {
  var random = SeededRandom(state: seed)
  let limits = ProbeLimits(
    inFlight: .random(in: 1...6, using: &random), perAddress: .random(in: 1...3, using: &random))
  var slots = Slots(limits: limits)
  var addresses: [Int: String] = [:]
  var running: Set<Int> = []
  var waiting: [Int] = []
  func start(_ id: Int) {
    expect(running.insert(id).inserted, true)
    waiting.removeAll { $0 == id }
  }
  for id in 0..<400 {
    if Bool.random(using: &random) || running.isEmpty {
      let address = "host\(Int.random(in: 0..<4, using: &random))"
      addresses[id] = address
      waiting.append(id)
      if slots.request(id, address: address) { start(id) }
    } else if Int.random(in: 0..<10, using: &random) == 0, let gone = waiting.randomElement(using: &random) {
      waiting.removeAll { $0 == gone }
      slots.dropWaiting { $0 == gone }.forEach(start)
    } else if let done = running.sorted().randomElement(using: &random) {
      running.remove(done)
      slots.release(address: addresses[done] ?? "").forEach(start)
    }
    #expect(slots.running == running.count)
    #expect(running.count <= limits.inFlight)
    let crowds = Dictionary(grouping: running) { addresses[$0] ?? "" }
    #expect(crowds.values.allSatisfy { $0.count <= limits.perAddress })
  }
  while let done = running.first {
    running.remove(done)
    slots.release(address: addresses[done] ?? "").forEach(start)
  }
  #expect(waiting.isEmpty)
}
