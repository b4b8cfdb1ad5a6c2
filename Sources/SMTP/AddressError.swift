/// Why a name or an address cannot be used.
package enum AddressError: Error, Sendable, Equatable {
  case empty
  case noAt
  /// The part before the `@` is empty, has empty parts between dots, or is badly quoted.
  case localPart
  case character(Unicode.Scalar)
  case label(String)
  case addressLiteral(String)
  /// More bytes than allowed.
  case tooLong(maximum: Int)
}

extension AddressError: CustomStringConvertible {
  /// A sentence for people.
  package var description: String {
    switch self {
    case .empty: "It is empty."
    case .noAt: "It has no @."
    case .localPart: "The part before the @ is not allowed."
    case .character(let scalar): "It has the character \(Self.name(of: scalar))."
    case .label(""): "It has an empty part between dots."
    case .label(let label): "Its part “\(label)” is longer than 63 bytes or has a hyphen at its end."
    case .addressLiteral(let text): "“\(text)” is no address in brackets, such as [192.0.2.1] or [IPv6:::1]."
    case .tooLong(let maximum): "It is, or has a part, longer than \(maximum) bytes."
    }
  }

  private static func name(of scalar: Unicode.Scalar) -> String {
    switch scalar {
    case " ": "blank"
    case "\0"..<" ", "\u{7F}": EscapedText.of(CollectionOfOne(UInt8(scalar.value)))
    default: "“\(scalar)”"
    }
  }
}
