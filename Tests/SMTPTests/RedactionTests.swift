import Model
import SMTP
import Testing

private let secret = "Tr0ub4dor&3+/x"

private func base64(_ text: String) -> String {
  String(decoding: Base64.encode(Array(text.utf8)), as: UTF8.self)
}

@Test func `A secret goes in every encoding`() {
  let redaction = Redaction(Secret(secret))
  let forms = [
    secret, base64(secret), base64("\0probe\0\(secret)"), base64("probe\0probe\0\(secret)"),
    base64("user=probe\u{1}auth=Bearer \(secret)\u{1}\u{1}"),
    base64("n,a=p,\u{1}host=h\u{1}auth=Bearer \(secret)\u{1}\u{1}"),
    "Tr0ub4dor%263%2B%2Fx", "Tr0ub4dor%263%2b%2fx",
  ]
  for form in forms {
    #expect(redaction.redacted("501 what is \(form) to me") == "501 what is <secret> to me")
    #expect(redaction.redacted("\(form)\(form)").contains(form) == false)
  }
}

@Test func `So much of a secret as tells the rest goes like the whole`() {
  let redaction = Redaction(Secret(secret))
  #expect(redaction.redacted("500 Tr0ub4dor&3+") == "500 <secret>")
  let cut = base64("\0probe\0\(secret)").dropLast(6)
  #expect(redaction.redacted("500 \(cut)...") == "500 <secret>...")
}

@Test func `What holds no secret stays`() {
  #expect(Redaction(Secret(secret)).redacted("250 abc Tr0ub4dor") == "250 abc Tr0ub4dor")
  #expect(Redaction(Secret("abc")).redacted("250 abc") == "250 abc")
  #expect(Redaction().redacted("x") == "x")
}
