/// The code that stands at the start of a reply's text (RFC 2034, RFC 3463), such as `5.7.8`.
package struct EnhancedStatusCode: Sendable, Equatable, CustomStringConvertible {
  /// 2, 4 or 5: what the first digit of the reply code says too.
  package let category: Int
  /// What it is about, such as 7 for security.
  package let subject: Int
  package let detail: Int

  /// A code.
  package init(category: Int, subject: Int, detail: Int) {
    self.category = category
    self.subject = subject
    self.detail = detail
  }

  /// The code that `text` begins with; nil where it begins with something else.
  package init?(startOf text: ArraySlice<UInt8>) {
    var rest = text
    guard let category = rest.first, category == 0x32 || category == 0x34 || category == 0x35 else {
      return nil
    }
    rest = rest.dropFirst()
    guard let subject = Self.takeNumber(from: &rest), let detail = Self.takeNumber(from: &rest) else {
      return nil
    }
    // `5.7.1.2` and `5.7.1x` are something else, such as the start of an address.
    if let next = rest.first, next == UInt8(ascii: ".") || next.isASCIIAlphanumeric { return nil }
    self.init(category: Int(category - 0x30), subject: subject, detail: detail)
  }

  package var description: String { "\(category).\(subject).\(detail)" }

  /// Takes a dot and one to three digits.
  private static func takeNumber(from text: inout ArraySlice<UInt8>) -> Int? {
    guard text.first == UInt8(ascii: ".") else { return nil }
    let digits = text.dropFirst().prefix(4).prefix { $0.isASCIIDigit }
    guard (1...3).contains(digits.count) else { return nil }
    text = text.dropFirst(digits.count + 1)
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }
}

extension UInt8 {
  /// `0` to `9`.
  var isASCIIDigit: Bool { 0x30 <= self && self <= 0x39 }
  /// A letter or digit of ASCII.
  var isASCIIAlphanumeric: Bool { isASCIIDigit || (0x61 <= lowercasedASCII && lowercasedASCII <= 0x7A) }
  /// The small letter of a capital of ASCII; every other byte itself.
  var lowercasedASCII: UInt8 { 0x41 <= self && self <= 0x5A ? self | 0x20 : self }
}
