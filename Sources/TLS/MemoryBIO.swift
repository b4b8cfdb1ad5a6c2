import COpenSSL

/// Bytes in memory where the library wants a file.
@safe struct MemoryBIO: ~Copyable {
  let bio: OpaquePointer

  /// An empty one.
  init() {
    guard let bio = unsafe BIO_new(BIO_s_mem()) else { fatalError("BIO_new fails only without memory") }
    unsafe self.bio = bio
  }

  /// One that holds these bytes.
  init(_ bytes: [UInt8]) {
    self.init()
    unsafe Self.append(bytes.span, to: bio)
  }

  deinit { unsafe BIO_free(bio) }

  /// What it holds, as text.
  var text: String { unsafe String(decoding: Self.contents(of: bio), as: UTF8.self) }

  /// The bytes that wait in a memory BIO, valid until its next change.
  static func contents(of bio: OpaquePointer) -> UnsafeRawBufferPointer {
    var start: UnsafeMutablePointer<CChar>?
    let count = unsafe copenssl_bio_bytes(bio, &start)
    return unsafe UnsafeRawBufferPointer(start: start, count: max(0, count))
  }

  /// Appends bytes to a memory BIO, which takes any number of them.
  static func append(_ bytes: Span<UInt8>, to bio: OpaquePointer) {
    unsafe bytes.withUnsafeBytes { bytes in
      var rest = unsafe bytes[...]
      while unsafe !rest.isEmpty {
        let step = unsafe BIO_write(
          bio, UnsafeRawBufferPointer(rebasing: rest).baseAddress, Int32(clamping: rest.count))
        precondition(step > 0, "a memory BIO fails only without memory")
        unsafe rest = rest.dropFirst(Int(step))
      }
    }
  }
}
