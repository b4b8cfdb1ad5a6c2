import Testing

@testable import ScriptedSMTP

/// The language of scripts.
struct ScriptTests {
  @Test(arguments: [
    (#"S"220 m""#, Script.Step.send(Array("220 m\r\n".utf8))),
    (#"SL"220 m""#, .send(Array("220 m\n".utf8))),
    ("R(EHLO)", .read(verb: "EHLO")),
    ("R()", .read(verb: "")),
    ("R(MAIL FROM:<a@b>)", .read(verb: "MAIL FROM:<a@b>")),
    ("RM", .readMessage),
    ("RCH", .readClientHello),
    ("T(good)", .secure(identity: "good", limits: [])),
    ("T()", .secure(identity: "good", limits: [])),
    ("T(expired,tls12,clientcert)", .secure(identity: "expired", limits: ["tls12", "clientcert"])),
    ("X(15 03 ff)", .sendRaw([0x15, 0x03, 0xFF])),
    ("X()", .sendRaw([])),
    ("W(0.25)", .wait(.milliseconds(250))),
    ("H", .hold),
    ("F", .finish),
    ("Z", .reset),
    ("E", .offer(without: [])),
    ("E-STARTTLS", .offer(without: ["STARTTLS"])),
    ("E-AUTH-8BITMIME", .offer(without: ["AUTH", "8BITMIME"])),
    ("OK", .acceptAll),
  ])
  func `each step is written in one way`(text: String, step: Script.Step) throws {
    #expect(try Script(text).steps == [step])
  }

  @Test(arguments: [
    (#"S"a\r\nb""#, "a\r\nb\r\n"),
    (#"S"\t\\\"""#, "\t\\\"\r\n"),
    (#"S"\x41\x7e""#, "A~\r\n"),
    (#"S"ab"×3"#, "ababab\r\n"),
    (#"S"ab"×0"#, "\r\n"),
    (#"S"""#, "\r\n"),
    (#"S"授权码""#, "授权码\r\n"),
  ])
  func `a text has escapes and repetitions`(text: String, sent: String) throws {
    #expect(try Script(text).steps == [.send(Array(sent.utf8))])
  }

  @Test func `bytes that are no text are sent as they are`() throws {
    #expect(try Script(#"S"\xCA\xDA""#).steps == [.send([0xCA, 0xDA, 0x0D, 0x0A])])
  }

  @Test(arguments: [
    "R(EHLO)E R(QUIT)F", "R(EHLO)\nE\n  R(QUIT)\nF\n", " R(EHLO) E R(QUIT) F ",
  ])
  func `blanks and line ends part steps, and need not`(text: String) throws {
    #expect(
      try Script(text).steps == [.read(verb: "EHLO"), .offer(without: []), .read(verb: "QUIT"), .finish])
  }

  @Test func `an empty script is one`() throws {
    #expect(try Script("").steps.isEmpty)
  }

  @Test(arguments: [
    ("Q", "no step is called 'Q'"),
    ("s\"a\"", "no step is called ''"),
    ("S", "a text in quotes is missing"),
    (#"S"a"#, "a quote is not closed"),
    (#"S"a\"#, "a quote is not closed"),
    (#"S"\xg0""#, #"\x takes two hex digits"#),
    (#"S"a"×"#, "×n takes a number"),
    ("R", "an argument in brackets is missing"),
    ("R(EHLO", "a bracket is not closed"),
    ("W(soon)", "W(n) takes seconds, not 'soon'"),
    ("X(1g)", "X(hex) takes pairs of hex digits"),
    ("X(123)", "X(hex) takes pairs of hex digits"), ("X(+1)", "X(hex) takes pairs of hex digits"),
  ])
  func `what cannot be read is named`(text: String, words: String) {
    let error = #expect(throws: ScriptError.self) { try Script(text) }
    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
  }

  @Test func `an error says where it is`() {
    let error = #expect(throws: ScriptError.self) { try Script("R(EHLO) E W(x) OK") }
    #expect(error?.description.hasSuffix("before ' OK'") == true)
  }
}
