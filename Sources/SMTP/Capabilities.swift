/// What a server offers: the lines of its reply to EHLO after the first (RFC 5321 section 4.1.1.1). A keyword
/// counts on whichever line it stands, in capitals or not.
package struct Capabilities: Sendable, Equatable {
  /// The reply's lines; the first is the server's name and greeting.
  private let reply: Reply

  /// Nothing offered, as after HELO.
  package init() { reply = Reply(code: 250, lines: []) }

  /// What the reply to EHLO offers.
  package init(_ reply: Reply) { self.reply = reply }

  package static func == (left: Capabilities, right: Capabilities) -> Bool {
    left.reply.bytes == right.reply.bytes
  }

  /// The lines as safe text, for reports.
  package var lines: [String] { offers.map { EscapedText.of($0, limit: 512) } }

  private var offers: DropFirstSequence<Reply.Lines> { reply.eachLine.dropFirst() }

  /// STARTTLS is offered (RFC 3207).
  package var offersSTARTTLS: Bool { parameters(of: "STARTTLS") != nil }

  /// The value of SIZE (RFC 1870); 0 means without limit, nil that none is declared.
  package var sizeLimit: Int? {
    parameters(of: "SIZE").flatMap { Words(in: $0).first { _ in true } }
      .flatMap { Int(String(decoding: $0, as: UTF8.self)) }.flatMap { $0 >= 0 ? $0 : nil }
  }

  /// The server declares SIZE, with or without a value.
  package var offersSize: Bool { parameters(of: "SIZE") != nil }

  /// The mechanisms of every AUTH line, in order, in capitals, each once (RFC 4954). `AUTH=LOGIN`, the form of
  /// old servers, counts as `AUTH LOGIN`.
  package var authMechanisms: [String] {
    var names: [String] = []
    names.reserveCapacity(8)
    for line in offers {
      guard let parameters = Self.parameters(of: "AUTH".utf8, in: line) else { continue }
      for word in Words(in: parameters) {
        let name = EscapedText.of(word, limit: 64).uppercased()
        if !names.contains(name) { names.append(name) }
      }
    }
    return names
  }

  /// A keyword is blacked out with X's, as by a firewall that inspects SMTP: `XXXXXXXA`.
  package var isMasked: Bool {
    offers.contains { line in
      let keyword = line.prefix { $0 != 0x20 }
      return keyword.count >= 4 && keyword.dropLast().allSatisfy { $0 == UInt8(ascii: "X") }
    }
  }

  /// Whether `expectation`, a keyword with or without parameters such as `STARTTLS` or `AUTH PLAIN`, is met:
  /// the keyword is there and so is each of the parameters.
  package func contains(_ expectation: String) -> Bool {
    let words = expectation.utf8.split(whereSeparator: Self.isBlank)
    guard let keyword = words.first else { return true }
    let lines = offers.compactMap { Self.parameters(of: keyword, in: $0) }
    return !lines.isEmpty
      && words.dropFirst().allSatisfy { wanted in
        lines.contains { Words(in: $0).contains { Self.areEqual($0, wanted) } }
      }
  }

  /// What follows the keyword on the first line that has it; nil where no line has it.
  private func parameters(of keyword: StaticString) -> ArraySlice<UInt8>? {
    let keyword = keyword.description.utf8
    for line in offers {
      if let parameters = Self.parameters(of: keyword, in: line) { return parameters }
    }
    return nil
  }

  private static func parameters(
    of keyword: some Collection<UInt8>, in line: ArraySlice<UInt8>
  ) -> ArraySlice<UInt8>? {
    let length = keyword.count
    guard line.count >= length, areEqual(line.prefix(length), keyword) else { return nil }
    let rest = line.dropFirst(length)
    guard let separator = rest.first else { return rest }
    guard isBlank(separator) || separator == UInt8(ascii: "=") else { return nil }
    return rest.dropFirst()
  }

  /// What stands between blanks, one after the other.
  private struct Words: Sequence, IteratorProtocol {
    private var rest: ArraySlice<UInt8>

    init(in text: ArraySlice<UInt8>) { rest = text }

    mutating func next() -> ArraySlice<UInt8>? {
      rest = rest.drop(while: Capabilities.isBlank)
      guard !rest.isEmpty else { return nil }
      let word = rest.prefix { !Capabilities.isBlank($0) }
      rest = rest[word.endIndex...]
      return word
    }
  }

  private static func areEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    left.elementsEqual(right) { $0.lowercasedASCII == $1.lowercasedASCII }
  }

  fileprivate static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
