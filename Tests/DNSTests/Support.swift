import Base
import Glibc
import Loop

/// A deadline that a good test never meets.
func soon() -> MonotonicInstant { .now().advanced(by: .seconds(60)) }

/// Runs a test's body on a loop of its own.
func onLoop<Output: Sendable>(
  _ body: @escaping @Sendable (isolated EventLoop) async throws -> Output
) throws -> Output {
  try EventLoop.run { loop in
    do { return Result<Output, any Error>.success(try await body(loop)) } catch { return .failure(error) }
  }.get()
}

/// A file that is gone when the test is over.
final class TemporaryFile: Sendable {
  let path: String

  init(_ text: String) throws {
    var template = Array("/tmp/smtpwatch-test-XXXXXX".utf8CString)
    _ = try Descriptor(mkstemp(&template), of: "mkstemp")
    path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    try write(text)
  }

  deinit { unlink(path) }

  func write(_ text: String) throws {
    let file = try Descriptor(open(path, O_WRONLY | O_TRUNC), of: "open")
    guard Glibc.write(file.rawValue, text, text.utf8.count) == text.utf8.count else {
      throw SystemError.last("write")
    }
  }
}
