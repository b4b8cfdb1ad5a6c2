/// A user's name within a message of name-value pairs (`saslname` of RFC 5801 section 4).
enum SASLName {
  /// The name with `=` and `,` escaped.
  ///
  /// ASCII is as SASLprep (RFC 4013) wants it already; other letters pass as they are, without the
  /// normalization (NFKC) that it asks for.
  static func escaped(_ name: String) -> String {
    name.unicodeScalars.reduce(into: "") { text, letter in
      switch letter {
      case "=": text += "=3D"
      case ",": text += "=2C"
      default: text.unicodeScalars.append(letter)
      }
    }
  }
}
