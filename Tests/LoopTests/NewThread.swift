import Glibc

private final class Work {
  let body: () -> Void

  init(_ body: @escaping () -> Void) { self.body = body }
}

private func perform(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
  return nil
}

/// Runs `body` on a thread that belongs to no pool.
func startThread(_ body: @escaping @Sendable () -> Void) {
  var thread = pthread_t()
  let status = pthread_create(&thread, nil, perform, Unmanaged.passRetained(Work(body)).toOpaque())
  precondition(status == 0, "pthread_create: \(status)")
  pthread_detach(thread)
}

/// Runs `body` on a thread that belongs to no pool, to its end.
func onNewThread(_ body: @escaping @Sendable () -> Void) async {
  await withCheckedContinuation { continuation in
    startThread {
      body()
      continuation.resume()
    }
  }
}
