import HTTP
import Testing

@Test func `clauses are sorted by quality, equals keep their order`() {
  let clauses = ContentNegotiation.clauses(
    of: #"text/plain;version=0.0.4;q=0.5, Application/X; a="b c" ;B=d,text/html,*/*;q=0.1,no/no;q=0"#)
  #expect(clauses.map(\.type) == ["application/x", "text/html", "text/plain", "*/*"])
  #expect(clauses[0]["a"] == "b c")
  #expect(clauses[0]["b"] == "d")
  #expect(clauses[2]["version"] == "0.0.4")
  #expect(clauses.map(\.quality) == [1, 1, 0.5, 0.1])
}

@Test(arguments: ["", ",", ";q=1", " , ;"])
func `headers without clauses have none`(header: String) {
  #expect(ContentNegotiation.clauses(of: header).isEmpty)
}

@Test(arguments: [
  (nil, false), ("gzip", true), ("identity", false), ("deflate, gzip;q=0.5", true), ("gzip;q=0", false),
  ("gzip; q=0.000", false), ("*", true), ("gzip;q=0,*", false), ("GZIP", true), ("", false), ("*;q=0", false),
])
func `gzip is used where it is allowed`(header: String?, allowed: Bool) {
  #expect(ContentNegotiation.acceptsGzip(header) == allowed)
}
