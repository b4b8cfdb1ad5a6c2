/// Header fields in the order in which they came; names are compared without case (RFC 9110 section 5.1).
package struct Headers: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  /// One field.
  package struct Field: Sendable, Equatable {
    package var name: String
    package var value: String
  }

  package private(set) var fields: [Field] = []

  /// The fields of a literal, in its order.
  package init(dictionaryLiteral elements: (String, String)...) {
    fields = elements.map { Field(name: $0.0, value: $0.1) }
  }

  /// The value of a field, several joined by commas (RFC 9110 section 5.2); nil where there is none. Setting
  /// it replaces every field of that name.
  package subscript(name: String) -> String? {
    get {
      let values = fields.lazy.filter { $0.name.isSameHeader(as: name) }.map(\.value)
      return values.isEmpty ? nil : values.joined(separator: ", ")
    }
    set {
      fields.removeAll { $0.name.isSameHeader(as: name) }
      if let newValue { append(name, newValue) }
    }
  }

  /// Adds a field, whether or not the name is there.
  package mutating func append(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// Adds those fields of another set whose names are not there yet.
  package mutating func addMissing(_ others: Headers) {
    for field in others.fields where self[field.name] == nil { fields.append(field) }
  }
}

extension String {
  fileprivate func isSameHeader(as other: String) -> Bool {
    utf8.elementsEqual(other.utf8) { left, right in
      left == right
        || (left | 0x20 == right | 0x20 && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(left | 0x20))
    }
  }
}
