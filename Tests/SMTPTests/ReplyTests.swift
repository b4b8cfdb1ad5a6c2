import SMTP
import Testing

private func reply(_ code: Int, _ lines: String...) -> Reply {
  Reply(code: code, lines: lines.map { Array($0.utf8) })
}

@Test(arguments: [
  (535, "5.7.8 bad password", "5.7.8"),
  (250, "2.0.0", "2.0.0"),
  (535, "5.7.139 Authentication unsuccessful", "5.7.139"),
  (550, "4.7.1 not the class of the code", nil),
  (550, "5.7.1.2 is no code", nil),
  (550, "5.7.1x", nil),
  (550, "5.7 short", nil),
  (550, "5.1234.1 long", nil),
  (550, "see 5.7.1", nil),
  (354, "3.0.0 no such class", nil),
  (220, "", nil),
])
func `An enhanced code stands at the start of the text`(_ code: Int, _ text: String, _ wanted: String?) {
  #expect(reply(code, text).enhancedCode?.description == wanted)
}

@Test
func `Any line may have the enhanced code`() {
  #expect(reply(550, "No such user", "5.1.1 here").enhancedCode?.description == "5.1.1")
}

@Test
func `Text from a server is shown without its control characters`() {
  #expect(EscapedText.of("a\r\u{1B}[31mb\tc".utf8) == #"a\x0D\x1B[31mb\x09c"#)
  #expect(EscapedText.of("Grüße, 授权".utf8) == "Grüße, 授权")
  #expect(EscapedText.of([0x41, 0xC7, 0xEB, 0x42, 0xFF]) == #"A\xC7\xEBB\xFF"#)
  #expect(EscapedText.of("x\u{202E}y".utf8) == #"x\xE2\x80\xAEy"#)
  #expect(EscapedText.of([0xE2, 0x82]) == #"\xE2\x82"#)
  #expect(EscapedText.of([]) == "")
}

@Test
func `Long text is cut`() {
  #expect(EscapedText.of("abcdef".utf8, limit: 6) == "abcdef")
  #expect(EscapedText.of("abcdefg".utf8, limit: 6) == "abcdef…")
  #expect(EscapedText.of("ääää".utf8, limit: 5) == "ää…")
}

@Test
func `The lines of a reply are joined and capped`() {
  #expect(reply(250, "a", "b\u{07}").text == "a\nb\\x07")
  #expect(reply(250, "a", "b").firstLine == "a")
  let long = Reply(
    code: 250, lines: Array(repeating: Array(repeating: UInt8(ascii: "x"), count: 500), count: 100))
  #expect(long.text.utf8.count < 2100)
}
