import Glibc
import Loop

/// A file that is read whole.
enum SmallFile {
  /// The text; nil where it cannot be read, if only for the moment.
  static func text(of path: String) -> String? {
    guard let file = try? Descriptor(unsafe open(path, O_RDONLY | O_CLOEXEC), of: "open") else { return nil }
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = unsafe read(file.rawValue, &chunk, chunk.count)
      guard count >= 0 else { return nil }
      guard count > 0 else { return String(decoding: text, as: UTF8.self) }
      text += chunk[..<count]
    }
  }
}
