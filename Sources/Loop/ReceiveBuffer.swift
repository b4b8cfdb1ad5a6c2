/// Memory that bytes are received into, used again and again.
@safe package final class ReceiveBuffer {
  /// A TLS record and its frame fit in.
  package static let capacity = 18 * 1024

  let memory: UnsafeMutableRawBufferPointer
  /// How many bytes the last `receive` brought.
  package internal(set) var count = 0

  /// An empty buffer.
  package init() {
    unsafe memory = .allocate(byteCount: Self.capacity, alignment: 16)
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { unsafe memory.deallocate() }

  /// The bytes received last, without a copy, for as long as `body` runs.
  package func withBytes<Output, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Output
  ) throws(Failure) -> Output {
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: memory[0..<count])
    return try body(unsafe Span(_unsafeBytes: bytes))
  }

  /// A copy of the bytes received last.
  package var bytes: [UInt8] { unsafe Array(memory[0..<count]) }
}

/// Why a wait for bytes ended without any.
package enum ReceiveInterruption: Error, Sendable, Equatable {
  case timedOut
  /// The loop ended.
  case ended
}
