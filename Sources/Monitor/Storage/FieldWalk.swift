import Model

/// A walk over the fields of a value, which writes them or reads them: whoever has a field names it once, and what
/// is written is what is read.
///
/// Numbers of fields are never used for anything else. A later version adds some, and an earlier one skips them.
protocol FieldWalk {
  /// A field that is always there; where it is missing in what is read, the value stays.
  mutating func callAsFunction<Value: FieldValue>(_ number: UInt8, _ value: inout Value)
  /// A field without which the whole is not worth reading.
  mutating func required<Value: FieldValue>(_ number: UInt8, _ value: inout Value)
  /// A field that takes no room where there is nothing.
  mutating func callAsFunction<Value: FieldValue>(_ number: UInt8, _ value: inout Value?)
  /// A field for each of several.
  mutating func callAsFunction<Value: FieldValue>(_ number: UInt8, _ values: inout [Value])
}

extension FieldWalk {
  /// A field of a value that does not change: what comes back is what was given, or what was read.
  mutating func take<Value: FieldValue>(_ number: UInt8, _ value: Value?, else missing: Value) -> Value {
    var value = value ?? missing
    self(number, &value)
    return value
  }

  mutating func take<Value: FieldValue>(_ number: UInt8, _ value: Value?) -> Value? {
    var value = value
    self(number, &value)
    return value
  }

  mutating func take<Value: FieldValue>(_ number: UInt8, _ values: [Value]?) -> [Value] {
    var values = values ?? []
    self(number, &values)
    return values
  }
}

/// What one field can hold.
protocol FieldValue {
  func put(_ number: UInt8, into packer: inout Packer)
  /// nil where the field makes no such value.
  static func read(_ field: Unpacker.Field) -> Self?
}

/// A value of several fields.
protocol FieldGroup: FieldValue {
  /// What is true where a field is missing.
  static var blank: Self { get }
  /// Names each field.
  mutating func walk(_ fields: inout some FieldWalk)
}

extension FieldGroup {
  func pack(into packer: inout Packer) {
    // Nothing is changed by writing.
    var value = self
    value.walk(&packer)
  }

  func put(_ number: UInt8, into packer: inout Packer) { packer.put(number) { pack(into: &$0) } }

  init?(fields: Unpacker) {
    var reader = FieldReader(fields)
    self = Self.blank
    walk(&reader)
    if reader.lacksRequired { return nil }
  }

  static func read(_ field: Unpacker.Field) -> Self? { Self(fields: field.fields) }
}

/// A value of several fields that is shared, and never changes.
protocol SharedFieldGroup: AnyObject, FieldValue {
  /// Names each field of a known value, or of one that is read.
  static func walk(_ known: Self?, _ fields: inout some FieldWalk) -> Self
}

extension SharedFieldGroup {
  func put(_ number: UInt8, into packer: inout Packer) { packer.put(number) { _ = Self.walk(self, &$0) } }

  static func read(_ field: Unpacker.Field) -> Self? {
    var reader = FieldReader(field.fields)
    return walk(nil, &reader)
  }
}

extension Packer: FieldWalk {
  mutating func callAsFunction<Value: FieldValue>(_ number: UInt8, _ value: inout Value) {
    value.put(number, into: &self)
  }

  mutating func required<Value: FieldValue>(_ number: UInt8, _ value: inout Value) {
    value.put(number, into: &self)
  }

  mutating func callAsFunction<Value: FieldValue>(_ number: UInt8, _ value: inout Value?) {
    value?.put(number, into: &self)
  }

  mutating func callAsFunction<Value: FieldValue>(_ number: UInt8, _ values: inout [Value]) {
    for value in values { value.put(number, into: &self) }
  }
}

/// Reads the fields of a group by their numbers, quickest in the order in which they were written.
struct FieldReader: FieldWalk {
  private let fields: [Unpacker.Field]
  /// Where the last field was found.
  private var place = 0
  private(set) var lacksRequired = false

  init(_ fields: Unpacker) { self.fields = Array(fields) }

  mutating func callAsFunction<Value: FieldValue>(_ number: UInt8, _ value: inout Value) {
    if let field = find(number), let read = Value.read(field) { value = read }
  }

  mutating func required<Value: FieldValue>(_ number: UInt8, _ value: inout Value) {
    guard let field = find(number), let read = Value.read(field) else {
      lacksRequired = true
      return
    }
    value = read
  }

  mutating func callAsFunction<Value: FieldValue>(_ number: UInt8, _ value: inout Value?) {
    if let field = find(number) { value = Value.read(field) }
  }

  mutating func callAsFunction<Value: FieldValue>(_ number: UInt8, _ values: inout [Value]) {
    guard find(number) != nil else { return }
    values = fields[place...].filter { $0.number == number }.compactMap(Value.read)
  }

  private mutating func find(_ number: UInt8) -> Unpacker.Field? {
    guard
      let found = fields[place...].firstIndex(where: { $0.number == number })
        ?? fields[..<place].firstIndex(where: { $0.number == number })
    else { return nil }
    place = found
    return fields[found]
  }
}
