import Glibc

extension EventLoop {
  /// Runs the loop on a thread of its own until `stop()`, for work that must not hold up another loop.
  ///
  /// - Throws: where the system has no thread to give.
  package nonisolated func runOnOwnThread() throws(SystemError) {
    var thread = pthread_t()
    let argument = unsafe Unmanaged.passRetained(self)
    let status = unsafe pthread_create(&thread, nil, runLoop, argument.toOpaque())
    guard status == 0 else {
      unsafe argument.release()
      throw SystemError("pthread_create", code: status)
    }
    pthread_detach(thread)
  }
}

private func runLoop(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let argument = unsafe argument {
    unsafe Unmanaged<EventLoop>.fromOpaque(argument).takeRetainedValue().run()
  }
  return nil
}
