/// What a server offers: the lines of its reply to EHLO after the first (RFC 5321 section 4.1.1.1). A keyword
/// counts on whichever line it stands, in capitals or not.
package struct Capabilities: Sendable, Equatable {
  /// The reply's lines; the first is the server's name and greeting.
  private let raw: [[UInt8]]

  /// Nothing offered, as after HELO.
  package init() { raw = [] }

  /// What the reply to EHLO offers.
  package init(_ reply: Reply) { raw = reply.lines }

  /// The lines as safe text, for reports.
  package var lines: [String] { raw.dropFirst().map { EscapedText.of($0, limit: 512) } }

  /// STARTTLS is offered (RFC 3207).
  package var offersSTARTTLS: Bool { parameters(of: "STARTTLS") != nil }

  /// The value of SIZE (RFC 1870); 0 means without limit, nil that none is declared.
  package var sizeLimit: Int? {
    parameters(of: "SIZE").flatMap { $0.first }.flatMap { Int(String(decoding: $0, as: UTF8.self)) }
      .flatMap { $0 >= 0 ? $0 : nil }
  }

  /// The server declares SIZE, with or without a value.
  package var offersSize: Bool { parameters(of: "SIZE") != nil }

  /// The mechanisms of every AUTH line, in order, in capitals, each once (RFC 4954). `AUTH=LOGIN`, the form of
  /// old servers, counts as `AUTH LOGIN`.
  package var authMechanisms: [String] {
    var names: [String] = []
    for line in raw.dropFirst() {
      guard let words = Self.parameters(of: "AUTH", in: line) else { continue }
      for word in words {
        let name = EscapedText.of(word, limit: 64).uppercased()
        if !names.contains(name) { names.append(name) }
      }
    }
    return names
  }

  /// A keyword is blacked out with X's, as by a firewall that inspects SMTP: `XXXXXXXA`.
  package var isMasked: Bool {
    raw.dropFirst().contains { line in
      let keyword = line.prefix { $0 != 0x20 }
      return keyword.count >= 4 && keyword.dropLast().allSatisfy { $0 == UInt8(ascii: "X") }
    }
  }

  /// Whether `expectation`, a keyword with or without parameters such as `STARTTLS` or `AUTH PLAIN`, is met:
  /// the keyword is there and so is each of the parameters.
  package func contains(_ expectation: String) -> Bool {
    let words = expectation.utf8.split(whereSeparator: Self.isBlank)
    guard let keyword = words.first else { return true }
    let lines = raw.dropFirst().compactMap { Self.parameters(of: keyword, in: $0) }
    return !lines.isEmpty
      && words.dropFirst().allSatisfy { wanted in
        lines.contains { $0.contains { Self.areEqual($0, wanted) } }
      }
  }

  /// The parameters of the first line with the keyword; nil where no line has it.
  private func parameters(of keyword: StaticString) -> [ArraySlice<UInt8>]? {
    let keyword = keyword.description.utf8
    for line in raw.dropFirst() {
      if let words = Self.parameters(of: keyword, in: line) { return words }
    }
    return nil
  }

  private static func parameters(of keyword: String, in line: [UInt8]) -> [ArraySlice<UInt8>]? {
    parameters(of: keyword.utf8, in: line)
  }

  private static func parameters(
    of keyword: some Collection<UInt8>, in line: [UInt8]
  ) -> [ArraySlice<UInt8>]? {
    let length = keyword.count
    guard line.count >= length, areEqual(line.prefix(length), keyword) else { return nil }
    guard line.count > length else { return [] }
    guard isBlank(line[length]) || line[length] == UInt8(ascii: "=") else { return nil }
    return line[(length + 1)...].split(whereSeparator: isBlank)
  }

  private static func areEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    left.elementsEqual(right) { $0.lowercasedASCII == $1.lowercasedASCII }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
