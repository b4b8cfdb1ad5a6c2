import Glibc

/// A file descriptor and the duty to close it.
package struct Descriptor: ~Copyable, Sendable {
  /// The kernel's number, valid as long as this value lives.
  package let rawValue: Int32

  /// Takes over a descriptor that nobody else closes.
  package init(owning rawValue: Int32) {
    precondition(rawValue >= 0, "not a descriptor: \(rawValue)")
    self.rawValue = rawValue
  }

  /// The descriptor that `call` returned, or the error it left in errno.
  package init(_ returned: Int32, of call: String) throws(SystemError) {
    guard returned >= 0 else { throw .last(call) }
    self.init(owning: returned)
  }

  deinit {
    // Linux frees the number even where close reports an error; nothing is left to do about one.
    _ = close(rawValue)
  }
}
