import Model

/// Writes values as numbered fields, each of which tells its own length: a reader skips those that it does not know.
///
/// A field is one byte (its number, from 0 to 63, times 4, plus its form) and then, by its form: 0, a number of
/// seven bits a byte, low bits first; 1, such a number as length, and bytes; 2, four bytes as length, and fields.
struct Packer {
  private(set) var bytes: [UInt8] = []

  /// Begins anew in the same memory.
  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  /// A number of 64 bits.
  mutating func put(_ field: UInt8, _ value: UInt64) {
    bytes.append(field << 2)
    putLength(value)
  }

  /// A number that is not negative.
  mutating func put(_ field: UInt8, count: Int) { put(field, UInt64(clamping: count)) }

  /// A number that may be negative.
  mutating func put(_ field: UInt8, signed value: Int64) {
    put(field, UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  /// A text; nil takes no room.
  mutating func put(_ field: UInt8, _ text: String?) {
    guard let text else { return }
    bytes.append(field << 2 | 1)
    putLength(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  /// A moment; nil takes no room.
  mutating func put(_ field: UInt8, _ moment: Timestamp?) {
    if let moment { put(field, signed: moment.microseconds) }
  }

  /// A group of fields.
  mutating func put(_ field: UInt8, group: (inout Packer) -> Void) {
    bytes.append(field << 2 | 2)
    let start = bytes.count
    for _ in 0..<4 { bytes.append(0) }
    group(&self)
    let length = UInt32(bytes.count - start - 4)
    for place in 0..<4 { bytes[start + place] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(place))) }
  }

  private mutating func putLength(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}

/// Reads numbered fields one after the other. What is cut off or senseless ends the reading.
struct Unpacker: Sequence, IteratorProtocol {
  /// A field's content.
  struct Field {
    var number: UInt8
    /// 0 where it is no number.
    var value: UInt64 = 0
    /// Empty where it is a number.
    var bytes: ArraySlice<UInt8> = []

    var count: Int { Int(clamping: value) }
    var signed: Int64 { Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
    var moment: Timestamp { Timestamp(microseconds: signed) }
    var text: String { String(decoding: bytes, as: UTF8.self) }
    var fields: Unpacker { Unpacker(bytes) }
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func next() -> Field? {
    guard let key = rest.popFirst() else { return nil }
    var field = Field(number: key >> 2)
    switch key & 3 {
    case 0:
      guard let value = number() else { return nil }
      field.value = value
    case 1:
      guard let count = number(), let bytes = take(count) else { return nil }
      field.bytes = bytes
    case 2:
      guard let head = take(4) else { return nil }
      let count = head.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard let bytes = take(count) else { return nil }
      field.bytes = bytes
    default: return nil
    }
    return field
  }

  private mutating func number() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  private mutating func take(_ count: UInt64) -> ArraySlice<UInt8>? {
    guard count <= UInt64(rest.count) else { return nil }
    defer { rest = rest.dropFirst(Int(count)) }
    return rest.prefix(Int(count))
  }
}
