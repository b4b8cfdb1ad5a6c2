/// What a scripted server does with one connection, step by step. Written as text, so that a test's whole
/// scenario is one line:
///
///     S"220 mail.example.test" R(EHLO) E R(STARTTLS) S"220 go" T(expired) OK
///
/// | written | meaning |
/// |---|---|
/// | `S"…"` | send the text and CRLF; `\r \n \t \\ \" \xNN` escape, `×n` behind the quote repeats the text |
/// | `SL"…"` | send the text and a bare LF |
/// | `R(V)` | read a command line that begins with V; anything else ends the script with `500` and FIN |
/// | `R()` | read any line |
/// | `RM` | read a message to the dot that ends it |
/// | `RCH` | read a TLS ClientHello and leave it unanswered |
/// | `T(name)` | TLS handshake as server with the named identity; `T(name,tls12)` and other limits may follow |
/// | `P(hex)` | send these bytes, without a line end |
/// | `X(hex)` | send raw bytes, below TLS too |
/// | `W(n)` | wait n seconds |
/// | `D(n)` | for n seconds what the client sends is lost on the way; then go on |
/// | `N` | ask for a new handshake, with TLS 1.3 for new keys |
/// | `H` | hold the connection open, read nothing, say nothing |
/// | `F` | FIN |
/// | `Z` | RST |
/// | `E` | the EHLO reply, with SIZE, STARTTLS (in clear), AUTH and 8BITMIME |
/// | `E-X` | the same without keyword X; `E-X-Y` without both |
/// | `OK` | from here on answer every command well |
package struct Script: Sendable, Equatable {
  /// One step.
  package enum Step: Sendable, Equatable {
    case send([UInt8])
    case read(verb: String)
    case readMessage
    case readClientHello
    case secure(identity: String, limits: [String])
    case sendRaw([UInt8])
    case wait(Duration)
    case lose(Duration)
    case renegotiate
    case hold
    case finish
    case reset
    case offer(without: [String])
    case acceptAll
  }

  package let steps: [Step]

  /// A script of these steps.
  package init(steps: [Step]) { self.steps = steps }

  /// A script by its text; the error names what cannot be read.
  package init(_ text: String) throws(ScriptError) {
    var reader = ScriptReader(text)
    var steps: [Step] = []
    while let step = try reader.nextStep() { steps.append(step) }
    self.steps = steps
  }
}

/// A script's text that means nothing.
package struct ScriptError: Error, CustomStringConvertible {
  package let description: String
}

/// Reads a script's text from left to right.
private struct ScriptReader {
  private var rest: Substring.UnicodeScalarView

  init(_ text: String) { rest = text.unicodeScalars[...] }

  mutating func nextStep() throws(ScriptError) -> Script.Step? {
    rest = rest.drop { $0 == " " || $0 == "\n" }
    guard !rest.isEmpty else { return nil }
    let word = take { $0.properties.isUppercase }
    switch word {
    case "S": return .send(try text() + [0x0D, 0x0A])
    case "SL": return .send(try text() + [0x0A])
    case "R": return .read(verb: try argument())
    case "RM": return .readMessage
    case "RCH": return .readClientHello
    case "T":
      let parts = try argument().split(separator: ",").map(String.init)
      return .secure(identity: parts.first ?? "good", limits: Array(parts.dropFirst()))
    case "P": return .send(try bytes(hex: try argument()))
    case "X": return .sendRaw(try bytes(hex: try argument()))
    case "W": return .wait(try seconds(word))
    case "D": return .lose(try seconds(word))
    case "N": return .renegotiate
    case "H": return .hold
    case "F": return .finish
    case "Z": return .reset
    case "E":
      let omitted = take { $0 == "-" || $0.properties.isAlphabetic || $0.properties.numericType != nil }
      return .offer(without: omitted.split(separator: "-").map(String.init))
    case "OK": return .acceptAll
    default: throw error("no step is called '\(word)'")
    }
  }

  private func error(_ words: String) -> ScriptError {
    ScriptError(description: "script: \(words), before '\(String(rest.prefix(20)))'")
  }

  private mutating func take(while holds: (Unicode.Scalar) -> Bool) -> String {
    let taken = rest.prefix(while: holds)
    rest = rest.dropFirst(taken.count)
    return String(taken)
  }

  private mutating func seconds(_ step: String) throws(ScriptError) -> Duration {
    let argument = try argument()
    guard let seconds = Double(argument) else { throw error("\(step)(n) takes seconds, not '\(argument)'") }
    return .seconds(seconds)
  }

  private mutating func argument() throws(ScriptError) -> String {
    guard rest.first == "(" else { throw error("an argument in brackets is missing") }
    rest = rest.dropFirst()
    let inside = take { $0 != ")" }
    guard rest.first == ")" else { throw error("a bracket is not closed") }
    rest = rest.dropFirst()
    return inside
  }

  /// A quoted text with escapes, and how often it stands.
  private mutating func text() throws(ScriptError) -> [UInt8] {
    guard rest.first == "\"" else { throw error("a text in quotes is missing") }
    rest = rest.dropFirst()
    var bytes: [UInt8] = []
    while let scalar = rest.popFirst() {
      if scalar == "\"" { return Array(repeatElement(bytes, count: try repetitions()).joined()) }
      guard scalar == "\\" else {
        bytes += Array(String(scalar).utf8)
        continue
      }
      switch rest.popFirst() {
      case "r": bytes.append(0x0D)
      case "n": bytes.append(0x0A)
      case "t": bytes.append(0x09)
      case "x":
        let digits = String(rest.prefix(2))
        guard let byte = UInt8(digits, radix: 16) else { throw error("\\x takes two hex digits") }
        bytes.append(byte)
        rest = rest.dropFirst(2)
      case .some(let other): bytes += Array(String(other).utf8)
      case nil: break
      }
    }
    throw error("a quote is not closed")
  }

  private mutating func repetitions() throws(ScriptError) -> Int {
    guard rest.first == "×" else { return 1 }
    rest = rest.dropFirst()
    guard let count = Int(take { $0.properties.numericType != nil }) else { throw error("×n takes a number") }
    return count
  }

  private func bytes(hex: String) throws(ScriptError) -> [UInt8] {
    let digits = Array(hex.filter { $0 != " " })
    guard digits.count.isMultiple(of: 2), digits.allSatisfy(\.isHexDigit) else {
      throw error("X(hex) takes pairs of hex digits")
    }
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: digits.count, by: 2) {
      bytes += UInt8(String(digits[start...start + 1]), radix: 16).map { [$0] } ?? []
    }
    return bytes
  }
}
