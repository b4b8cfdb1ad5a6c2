import CZlib

/// Compression of answers (RFC 1952).
enum Gzip {
  /// The fastest level: pages of metrics repeat themselves so much that a slower one gains little.
  private static let level: Int32 = 1

  /// The bytes as a gzip stream; nil where zlib has no memory.
  static func compress(_ bytes: [UInt8]) -> [UInt8]? {
    var stream = unsafe z_stream()
    guard unsafe czlib_gzip_init(&stream, level) == Z_OK else { return nil }
    defer { unsafe deflateEnd(&stream) }
    let bound = Int(unsafe deflateBound(&stream, uLong(bytes.count)))
    let output = unsafe [UInt8](unsafeUninitializedCapacity: bound) { output, count in
      let status = unsafe bytes.withUnsafeBufferPointer { input in
        // The library only reads there.
        unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.avail_in = uInt(input.count)
        unsafe stream.next_out = output.baseAddress
        unsafe stream.avail_out = uInt(bound)
        return unsafe deflate(&stream, Z_FINISH)
      }
      count = status == Z_STREAM_END ? bound - Int(unsafe stream.avail_out) : 0
    }
    return output.isEmpty ? nil : output
  }
}

extension Response {
  /// Below this size compression costs more than it saves.
  private static let worthwhile = 512

  /// The answer in the encoding that a client prefers; caches learn that it depends on that.
  func encoded(accepting header: String?) -> Response {
    guard body.count > Self.worthwhile, headers["Content-Encoding"] == nil else { return self }
    var response = self
    response.headers["Vary"] = headers["Vary"].map { "\($0), Accept-Encoding" } ?? "Accept-Encoding"
    if ContentNegotiation.acceptsGzip(header), let compressed = Gzip.compress(body) {
      response.body = compressed
      response.headers["Content-Encoding"] = "gzip"
    }
    return response
  }
}
