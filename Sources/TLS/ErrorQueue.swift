import COpenSSL

/// OpenSSL's queue of errors, one a thread. It is cleared before and read after each call, in one synchronous
/// function, so that what it holds belongs to that call.
enum ErrorQueue {
  /// One error.
  struct Entry {
    /// The packed code, such as 0x0A00010B.
    var code: UInt32
    /// The part of the library, such as 20 for SSL (ERR_LIB_SSL).
    var library: Int32
    /// What went wrong, in numbers of that part.
    var reason: Int
    /// The same in the library's words, such as `wrong version number`.
    var text: String
    /// All of it in one line, such as `0A00010B:SSL routines:ssl3_get_record:wrong version number`.
    var line: String
  }

  /// Forgets what earlier calls left.
  static func clear() { ERR_clear_error() }

  /// Takes every entry, oldest first.
  static func drain() -> [Entry] {
    var entries: [Entry] = []
    var function: UnsafePointer<CChar>?
    while case let packed = unsafe ERR_get_error_all(nil, nil, &function, nil, nil), packed != 0 {
      let library = ERR_GET_LIB(packed)
      let reason = Int(ERR_GET_REASON(packed))
      let text = unsafe words(ERR_reason_error_string(packed)) ?? "reason \(reason)"
      let part = unsafe words(ERR_lib_error_string(packed)) ?? "library \(library)"
      let place = unsafe words(function) ?? ""
      let code = UInt32(truncatingIfNeeded: packed)
      entries.append(
        Entry(
          code: code, library: library, reason: reason, text: text,
          line: "\(hexadecimal(code)):\(part):\(place):\(text)"))
    }
    return entries
  }

  /// Takes every entry and keeps the words of the last: what the library refused something for.
  static func lastWords() -> String { drain().last?.text ?? "no reason given" }

  private static func words(_ text: UnsafePointer<CChar>?) -> String? {
    unsafe text.map { unsafe String(cString: $0) }
  }

  private static func hexadecimal(_ code: UInt32) -> String {
    let digits = String(code, radix: 16, uppercase: true)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
