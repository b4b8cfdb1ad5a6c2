import CMicroHTTPD
import Glibc

/// libmicrohttpd with its thread, serving one socket.
@safe struct Daemon: Sendable {
  /// Where it listens.
  let address: ListenAddress
  // Safe: an opaque handle that is only passed back to the library, which locks it.
  private nonisolated(unsafe) let handle: OpaquePointer

  private static let memoryPerConnection = 32_768

  /// Begins to serve; `desk` must live until `stop` has returned.
  init(
    _ asked: ListenAddress, limits: HTTPLimits, isSecure: Bool, desk: Desk
  ) throws(HTTPServerError) {
    var socket = try ListeningSocket(asked)
    address = socket.address
    let descriptor = socket.release()
    let context = unsafe Unmanaged.passUnretained(desk).toOpaque()
    let handle = unsafe cmhd_start(
      descriptor, isSecure ? 1 : 0, Self.limits(limits), takeRequest, endRequest, changeConnection, context)
    guard let handle = unsafe handle else {
      let why = errno == 0 ? "libmicrohttpd refused to start" : unsafe String(cString: strerror(errno))
      close(descriptor)
      throw .system(address, why)
    }
    unsafe self.handle = handle
  }

  /// Ends every connection and joins the thread. To be called once.
  func stop() {
    unsafe MHD_stop_daemon(handle)
    UnixSocketFile.remove(address)
  }

  private static func limits(_ limits: HTTPLimits) -> cmhd_limits {
    cmhd_limits(
      connections: UInt32(limits.connections + HTTPLimits.margin),
      connections_per_address: UInt32(limits.connectionsPerClient + HTTPLimits.margin),
      idle_seconds: UInt32(limits.idle.components.seconds), memory_per_connection: memoryPerConnection)
  }
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
  let exchange = unsafe Unmanaged<Exchange>.fromOpaque(known).takeRetainedValue()
  exchange.end()
  unsafe state.pointee = nil
}

/// The library's call when a connection begins, before anything is read from it, and when it has ended.
private func changeConnection(
  context: UnsafeMutableRawPointer?, connection: OpaquePointer?,
  state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, code: UInt32
) {
  guard let context = unsafe context, let connection = unsafe connection, let state = unsafe state else {
    return
  }
  let desk = unsafe Unmanaged<Desk>.fromOpaque(context).takeUnretainedValue()
  if let known = unsafe state.pointee {
    unsafe OpenConnection.end(known, desk)
    unsafe state.pointee = nil
  } else if code == MHD_ConnectionNotificationCode.CONNECTION_NOTIFY_STARTED.rawValue {
    unsafe state.pointee = OpenConnection.begin(connection, desk)
  }
}
