import Base
import CMicroHTTPD

/// An answer that goes on: whatever is sent, from any thread, goes to the client as soon as it reads. No thread
/// waits with it; between two sends its connection is suspended.
///
/// Safe to send: everything that changes is behind the lock.
@safe package final class ResponseStream: @unchecked Sendable {
  private let state = Locked(State())

  /// A client that lets so much pile up does not read: its stream ends.
  private static let mostBuffered = 262_144

  private struct State {
    /// There from the answer's beginning to its end only.
    var connection: Connection?
    var buffer: [UInt8] = []
    var isSuspended = false
    var isFinished = false
    var onEnd: (@Sendable () -> Void)?
  }

  /// A handle of the library.
  ///
  /// Safe to send: the library locks what is behind it.
  @safe private struct Connection: @unchecked Sendable {
    // Safe: an opaque handle that is only passed back to the library.
    nonisolated(unsafe) let handle: OpaquePointer
  }

  /// A stream that has not begun.
  ///
  /// - Parameter onEnd: called once when the stream is over, however it ended; it must not send.
  package init(onEnd: @escaping @Sendable () -> Void = {}) {
    state.withLock { $0.onEnd = onEnd }
  }

  /// Sends bytes; false where nobody reads them any more.
  @discardableResult package func send(_ bytes: some Sequence<UInt8>) -> Bool {
    state.withLock { state in
      guard !state.isFinished else { return false }
      state.buffer += bytes
      if state.buffer.count > Self.mostBuffered {
        state.buffer = []
        state.isFinished = true
      }
      Self.wake(&state)
      return !state.isFinished
    }
  }

  /// Ends the answer after what was sent.
  package func finish() {
    state.withLock { state in
      state.isFinished = true
      Self.wake(&state)
    }
  }

  /// What was sent and not yet read, for tests.
  package var waiting: String { state.withLock { String(decoding: $0.buffer, as: UTF8.self) } }

  /// The library's response, which reads from this stream; nil where there is no memory.
  func response(on connection: OpaquePointer) -> OpaquePointer? {
    let handle = unsafe Connection(handle: connection)
    state.withLock { $0.connection = handle }
    let context = unsafe Unmanaged.passRetained(self).toOpaque()
    let response = unsafe MHD_create_response_from_callback(
      cmhd_size_unknown(), 4096, readStream, context, releaseStream)
    guard let response = unsafe response else {
      unsafe Unmanaged<ResponseStream>.fromOpaque(context).release()
      return nil
    }
    return unsafe response
  }

  /// The request is over: nothing may touch its connection any more.
  package func end() {
    let onEnd = state.withLock { state in
      state.connection = nil
      state.isFinished = true
      state.buffer = []
      defer { state.onEnd = nil }
      return state.onEnd
    }
    onEnd?()
  }

  /// Moves what waits into the library's buffer; suspends the connection where nothing does.
  fileprivate func read(into room: UnsafeMutableRawBufferPointer) -> Int {
    state.withLock { state in
      guard state.buffer.isEmpty else {
        let count = min(room.count, state.buffer.count)
        unsafe room.copyBytes(from: state.buffer[..<count])
        state.buffer.removeFirst(count)
        return count
      }
      guard !state.isFinished, let connection = state.connection else { return cmhd_end_of_stream() }
      state.isSuspended = true
      unsafe MHD_suspend_connection(connection.handle)
      return 0
    }
  }

  private static func wake(_ state: inout State) {
    guard state.isSuspended, let connection = state.connection else { return }
    state.isSuspended = false
    unsafe MHD_resume_connection(connection.handle)
  }
}

/// The library's call for more of an answer.
private func readStream(
  context: UnsafeMutableRawPointer?, position: UInt64, room: UnsafeMutablePointer<CChar>?, size: Int
) -> Int {
  guard let context = unsafe context, let room = unsafe room else { return cmhd_end_of_stream() }
  let stream = unsafe Unmanaged<ResponseStream>.fromOpaque(context).takeUnretainedValue()
  return unsafe stream.read(into: UnsafeMutableRawBufferPointer(start: room, count: size))
}

/// The library's call when it needs an answer no more.
private func releaseStream(context: UnsafeMutableRawPointer?) {
  guard let context = unsafe context else { return }
  unsafe Unmanaged<ResponseStream>.fromOpaque(context).release()
}
