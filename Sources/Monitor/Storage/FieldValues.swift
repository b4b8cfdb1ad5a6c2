import Model

// What a single field can hold, and how.
extension String: FieldValue {
  func put(_ number: UInt8, into packer: inout Packer) { packer.put(number, self as String?) }
  static func read(_ field: Unpacker.Field) -> Self? { field.text }
}

/// A number that is not negative.
extension Int: FieldValue {
  func put(_ number: UInt8, into packer: inout Packer) { packer.put(number, count: self) }
  static func read(_ field: Unpacker.Field) -> Self? { field.count }
}

extension UInt64: FieldValue {
  func put(_ number: UInt8, into packer: inout Packer) { packer.put(number, self) }
  static func read(_ field: Unpacker.Field) -> Self? { field.value }
}

extension Bool: FieldValue {
  func put(_ number: UInt8, into packer: inout Packer) { packer.put(number, self ? 1 : 0) }
  static func read(_ field: Unpacker.Field) -> Self? { field.value != 0 }
}

/// To the microsecond.
extension Timestamp: FieldValue {
  func put(_ number: UInt8, into packer: inout Packer) { packer.put(number, self as Timestamp?) }
  static func read(_ field: Unpacker.Field) -> Self? { field.moment }
}

/// To the nanosecond; within 292 years.
extension Duration: FieldValue {
  func put(_ number: UInt8, into packer: inout Packer) { packer.put(number, signed: wholeNanoseconds) }
  static func read(_ field: Unpacker.Field) -> Self? { .nanoseconds(field.signed) }

  /// The duration in nanoseconds, cut to a whole number; within 292 years.
  var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
  }
}

// A case of a closed list, by its word or its number; one of a later version is none.
extension FieldValue where Self: RawRepresentable, RawValue == String {
  func put(_ number: UInt8, into packer: inout Packer) { packer.put(number, rawValue as String?) }
  static func read(_ field: Unpacker.Field) -> Self? { Self(rawValue: field.text) }
}

extension FieldValue where Self: RawRepresentable, RawValue == UInt8 {
  func put(_ number: UInt8, into packer: inout Packer) { packer.put(number, UInt64(rawValue)) }
  static func read(_ field: Unpacker.Field) -> Self? { Self(rawValue: UInt8(clamping: field.value)) }
}

extension Outcome: FieldValue {}
extension Stage: FieldValue {}
extension Reason: FieldValue {}
extension TLSMode: FieldValue {}
extension AddressFamily: FieldValue {}
extension Warning: FieldValue {}
extension Evidence.Kind: FieldValue {}
extension TranscriptLine.Speaker: FieldValue {}
extension DNSSECStatus: FieldValue {}
extension DANEFacts.Status: FieldValue {}
extension MTASTSFacts.Status: FieldValue {}
extension TLSRPTFacts.Status: FieldValue {}
extension StapleFacts.Status: FieldValue {}
extension DeliveryFacts.FolderKind: FieldValue {}
extension AuthenticationVerdicts.Verdict: FieldValue {}
