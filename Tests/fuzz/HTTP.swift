import HTTP
import Metrics
import Web

/// Paths, queries and the headers in which clients say what they want.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let lines = Input(start, count).text.split(separator: "\n", omittingEmptySubsequences: false).map(
    String.init)
  let (path, accept) = (lines[0], lines.count > 1 ? lines[1] : "")
  let query = lines.dropFirst(2).map { line in
    let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    return (name: parts[0], value: parts.count > 1 ? parts[1] : "")
  }
  if let request = Request(method: "GET", rawPath: path, rawQuery: Array(query)) {
    require(!request.path.contains { $0.isEmpty || $0 == "." }, "an empty segment")
    require(request.query.count == query.count, "a part of the query is lost")
  }
  for clause in ContentNegotiation.clauses(of: accept) {
    require(clause.quality > 0 && clause.quality <= 1, "a quality beyond its bounds")
  }
  _ = ContentNegotiation.acceptsGzip(accept)
  let negotiated = MetricsNegotiation(accept: accept)
  require(!negotiated.contentType.contains { $0.isNewline }, "a header in two lines")
  return 0
}
