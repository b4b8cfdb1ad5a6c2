import Base
import CCurl
import Loop

/// The transfers under way and the connections between them, as libcurl holds them, driven by a loop: it tells
/// which sockets it waits for and until when, and is told what has happened.
///
/// Safe to send: it stays on its loop, where the library calls back too.
@safe final class MultiHandle: @unchecked Sendable {
  typealias Completion = (CURLcode, isolated EventLoop) -> Void

  private let loop: EventLoop
  private var multi: UnsafeMutableRawPointer?
  private var underWay: [UnsafeMutableRawPointer: Completion] = unsafe [:]
  private var timer: EventLoop.TimerID?

  /// A handle for one loop; nil where the library has no memory.
  init?(on loop: EventLoop) {
    guard GlobalLibrary.isReady, let multi = unsafe curl_multi_init() else { return nil }
    self.loop = loop
    unsafe self.multi = multi
    let this = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe ccurl_multi_set_socket_follower(multi, followSocket, this)
    unsafe ccurl_multi_set_timer_follower(multi, followTimer, this)
    unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 8)
  }

  deinit { unsafe precondition(multi == nil, "a multi handle is closed on its loop") }

  /// Begins a transfer; `completion` is called once, unless `remove` comes before.
  func add(_ handle: EasyHandle, on loop: isolated EventLoop, _ completion: @escaping Completion) {
    unsafe underWay[handle.easy] = completion
    let status = unsafe curl_multi_add_handle(multi, handle.easy)
    if status != CURLM_OK { unsafe finish(handle.easy, CURLE_FAILED_INIT, on: loop) }
  }

  /// Ends a transfer that is no longer wanted.
  func remove(_ handle: EasyHandle, on loop: isolated EventLoop) {
    guard unsafe underWay.removeValue(forKey: handle.easy) != nil else { return }
    unsafe curl_multi_remove_handle(multi, handle.easy)
  }

  /// Closes what connections are left. No transfer may be under way.
  func close(on loop: isolated EventLoop) {
    guard let multi = unsafe multi else { return }
    unsafe curl_multi_cleanup(multi)
    unsafe self.multi = nil
    if let timer = timer.take() { loop.cancel(timer) }
  }

  fileprivate func follow(socket: curl_socket_t, _ what: Int32, on loop: isolated EventLoop) {
    guard what != CURL_POLL_REMOVE else { return loop.unwatch(socket) }
    let readiness: Readiness =
      what == CURL_POLL_IN ? .read : what == CURL_POLL_OUT ? .write : [.read, .write]
    loop.watch(socket, readiness) { [weak self] readiness, loop in
      var events: Int32 = 0
      if readiness.contains(.write) { events |= CURL_CSELECT_OUT }
      // An error alone counts as readable: reading learns what it is.
      if readiness.contains(.read) || events == 0 { events |= CURL_CSELECT_IN }
      self?.act(socket, events, on: loop)
    }
  }

  fileprivate func follow(timeout milliseconds: Int, on loop: isolated EventLoop) {
    if let timer = timer.take() { loop.cancel(timer) }
    guard milliseconds >= 0 else { return }
    let moment = MonotonicInstant.now().advanced(by: .milliseconds(milliseconds))
    timer = loop.schedule(at: moment) { [weak self] outcome, loop in
      guard outcome == .timedOut, let self else { return }
      timer = nil
      act(CURL_SOCKET_TIMEOUT, 0, on: loop)
    }
  }

  /// The following callbacks come from within the library, which runs on the loop's thread alone.
  fileprivate func onLoop(_ body: @Sendable (isolated EventLoop) -> Void) {
    loop.assumeIsolated { body($0) }
  }

  private func act(_ socket: curl_socket_t, _ events: Int32, on loop: isolated EventLoop) {
    guard let multi = unsafe multi else { return }
    var running: Int32 = 0
    unsafe curl_multi_socket_action(multi, socket, events, &running)
    var code = CURLE_OK
    while let easy = unsafe ccurl_multi_next_done(multi, &code) { unsafe finish(easy, code, on: loop) }
  }

  private func finish(_ easy: UnsafeMutableRawPointer, _ code: CURLcode, on loop: isolated EventLoop) {
    guard let completion = unsafe underWay.removeValue(forKey: easy) else { return }
    completion(code, loop)
    unsafe curl_multi_remove_handle(multi, easy)
  }
}

/// The library's own beginning, which comes once and before all else.
private enum GlobalLibrary {
  static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}

private func followSocket(
  _ easy: UnsafeMutableRawPointer?, _ socket: curl_socket_t, _ what: Int32, _ data: UnsafeMutableRawPointer?,
  _ own: UnsafeMutableRawPointer?
) -> Int32 {
  guard let data = unsafe data else { return 0 }
  let handle = unsafe Unmanaged<MultiHandle>.fromOpaque(data).takeUnretainedValue()
  handle.onLoop { handle.follow(socket: socket, what, on: $0) }
  return 0
}

private func followTimer(
  _ multi: UnsafeMutableRawPointer?, _ milliseconds: Int, _ data: UnsafeMutableRawPointer?
) -> Int32 {
  guard let data = unsafe data else { return 0 }
  let handle = unsafe Unmanaged<MultiHandle>.fromOpaque(data).takeUnretainedValue()
  handle.onLoop { handle.follow(timeout: milliseconds, on: $0) }
  return 0
}
