import CMicroHTTPD

/// A large body that the library reads piece by piece, so that there is no second copy of a page of megabytes.
final class ResponseBody: Sendable {
  /// Up to this size the library gets a copy, and sends it together with the head.
  private static let pieceSize = 65_536

  private let bytes: [UInt8]

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The library's response with these bytes; nil where there is no memory.
  static func response(of bytes: [UInt8]) -> OpaquePointer? {
    guard bytes.count > pieceSize else {
      return unsafe bytes.withUnsafeBytes { bytes in
        // The library takes a copy, and changes nothing.
        unsafe MHD_create_response_from_buffer(
          bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
      }
    }
    let context = unsafe Unmanaged.passRetained(ResponseBody(bytes)).toOpaque()
    let response = unsafe MHD_create_response_from_callback(
      UInt64(bytes.count), pieceSize, readBody, context, releaseBody)
    if unsafe response == nil { unsafe Unmanaged<ResponseBody>.fromOpaque(context).release() }
    return unsafe response
  }

  /// Copies what there is from `position` on, as far as there is room.
  fileprivate func read(from position: Int, into room: UnsafeMutableRawBufferPointer) -> Int {
    let piece = bytes[position...].prefix(room.count)
    unsafe room.copyBytes(from: piece)
    return piece.count
  }
}

/// The library's call for the next piece.
private func readBody(
  context: UnsafeMutableRawPointer?, position: UInt64, room: UnsafeMutablePointer<CChar>?, size: Int
) -> Int {
  guard let context = unsafe context, let room = unsafe room else { return cmhd_end_of_stream() }
  let body = unsafe Unmanaged<ResponseBody>.fromOpaque(context).takeUnretainedValue()
  return unsafe body.read(from: Int(position), into: UnsafeMutableRawBufferPointer(start: room, count: size))
}

/// The library's call when it needs a body no more.
private func releaseBody(context: UnsafeMutableRawPointer?) {
  guard let context = unsafe context else { return }
  unsafe Unmanaged<ResponseBody>.fromOpaque(context).release()
}
