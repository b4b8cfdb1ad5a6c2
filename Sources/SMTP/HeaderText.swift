/// Text in a header field (RFC 5322 section 2.2), whatever it contains.
enum HeaderText {
  /// The text where it is plain and short, else in encoded words (RFC 2047). Control characters become blanks.
  static func encoded(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
    guard !scalars.allSatisfy(\.isASCII) || scalars.count > 200 || containsEncodedWord(scalars) else {
      return String(String.UnicodeScalarView(scalars))
    }
    // A line has at most 76 characters: 39 bytes are 52 of base64, 12 stand around them, `Subject: ` before.
    var words: [[UInt8]] = [[]]
    for scalar in scalars {
      let bytes = Array(String(scalar).utf8)
      if words[words.count - 1].count + bytes.count > 39 { words.append([]) }
      words[words.count - 1] += bytes
    }
    return words.filter { !$0.isEmpty }
      .map { "=?utf-8?B?\(String(decoding: Base64.encode($0), as: UTF8.self))?=" }
      .joined(separator: "\r\n ")
  }

  private static func containsEncodedWord(_ scalars: [Unicode.Scalar]) -> Bool {
    zip(scalars, scalars.dropFirst()).contains { $0 == "=" && $1 == "?" }
  }
}
