/// What libFuzzer thought of, to be taken piece by piece: choices from its beginning, the rest as bytes.
struct Input {
  private(set) var bytes: ArraySlice<UInt8>

  /// The bytes of one call.
  init(_ start: UnsafePointer<UInt8>, _ count: Int) {
    bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))[...]
  }

  /// One of so many, from 0.
  mutating func choice(of count: Int) -> Int { Int(bytes.popFirst() ?? 0) % count }

  /// One of these.
  mutating func choice<Choice>(of choices: [Choice]) -> Choice { choices[choice(of: choices.count)] }

  /// All that is left.
  var rest: [UInt8] { Array(bytes) }

  /// All that is left, as text.
  var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// What must hold whatever comes.
func require(_ holds: Bool, _ what: @autoclosure () -> String) {
  precondition(holds, what())
}

/// Whether `part` stands somewhere in `whole`.
func contains(_ whole: some Sequence<UInt8>, _ part: [UInt8]) -> Bool {
  let whole = Array(whole)
  return whole.count >= part.count
    && whole.indices.dropLast(part.count - 1).contains { whole[$0..<$0 + part.count].elementsEqual(part) }
}
