import HTTP

extension Response {
  /// The answer with a weak tag of what it says (RFC 9110 section 8.8.3), so that whoever asks again need not
  /// load the same twice. `essence` is the body without what changes all the time.
  func tagged(by essence: some Sequence<UInt8>) -> Response {
    // FNV-1a: quick, and nobody gains by a collision in answers that he could read anyway.
    let hash = essence.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    var response = self
    response.headers["ETag"] = "W/\"\(String(hash, radix: 16))\""
    return response
  }

  /// The answer to a request that may know it already: then 304 without a body (RFC 9110 section 13.1.2).
  func unlessKnown(to request: Request) -> Response {
    guard status == 200, request.isReading, let tag = headers["ETag"],
      let known = request.headers["If-None-Match"]
    else { return self }
    let tags = known.split(separator: ",").map { $0.drop { $0 == " " } }
    guard tags.contains(where: { $0 == "*" || Self.opaque($0) == Self.opaque(tag[...]) }) else { return self }
    var response = self
    response.status = 304
    response.body = []
    response.headers["Content-Type"] = nil
    return response
  }

  /// A tag without the mark of weakness and what stands after it.
  private static func opaque(_ tag: Substring) -> Substring {
    let quoted = tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
    return quoted.lastIndex(of: "\"").map { quoted[...$0] } ?? quoted
  }
}
