import CMicroHTTPD
import Glibc

/// libmicrohttpd with its thread, serving one socket.
@safe struct Daemon: Sendable {
  /// Where it listens.
  let address: ListenAddress
  // Unsafe: an opaque handle that is only passed back to the library, which locks it.
  private nonisolated(unsafe) let handle: OpaquePointer

  private static let limits = cmhd_limits(
    connections: 512, connections_per_address: 128, idle_seconds: 30, memory_per_connection: 32_768)

  /// Begins to serve; `desk` must live until `stop` has returned.
  init(_ asked: ListenAddress, desk: Desk) throws(HTTPServerError) {
    let socket = try ListeningSocket(asked)
    address = ListenAddress(host: asked.host, port: socket.port)
    let descriptor = socket.release()
    let context = unsafe Unmanaged.passUnretained(desk).toOpaque()
    guard let handle = unsafe cmhd_start(descriptor, Self.limits, takeRequest, endRequest, context) else {
      let why = errno == 0 ? "libmicrohttpd refused to start" : unsafe String(cString: strerror(errno))
      close(descriptor)
      throw .system(address, why)
    }
    unsafe self.handle = handle
  }

  /// Ends every connection and joins the thread. To be called once.
  func stop() { unsafe MHD_stop_daemon(handle) }
}

/// The library's call for a request: once when its headers are there, then for each part of its body, and at
/// last with none. A named function, because a closure would be checked for the actor that it was written in.
private func takeRequest(
  context: UnsafeMutableRawPointer?, connection: OpaquePointer?, path: UnsafePointer<CChar>?,
  method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?, part: UnsafePointer<CChar>?,
  partSize: UnsafeMutablePointer<Int>?, state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let context = unsafe context, let connection = unsafe connection, let path = unsafe path,
    let method = unsafe method, let partSize = unsafe partSize, let state = unsafe state
  else { return .NO }

  guard let known = unsafe state.pointee else {
    let desk = unsafe Unmanaged<Desk>.fromOpaque(context).takeUnretainedValue()
    let exchange = unsafe Exchange(
      connection: connection, desk: desk, method: String(cString: method), path: String(cString: path))
    unsafe state.pointee = Unmanaged.passRetained(exchange).toOpaque()
    return exchange.begin()
  }

  let exchange = unsafe Unmanaged<Exchange>.fromOpaque(known).takeUnretainedValue()
  let size = unsafe partSize.pointee
  guard size > 0, let part = unsafe part else { return exchange.answer() }
  unsafe partSize.pointee = 0
  return unsafe exchange.take(UnsafeRawBufferPointer(start: part, count: size))
}

/// The library's call when a request is over, however it ended.
private func endRequest(
  context: UnsafeMutableRawPointer?, connection: OpaquePointer?,
  state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, why: UInt32
) {
  guard let state = unsafe state, let known = unsafe state.pointee else { return }
  unsafe Unmanaged<Exchange>.fromOpaque(known).release()
  unsafe state.pointee = nil
}
