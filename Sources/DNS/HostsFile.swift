import Glibc
import Loop

/// The table of names that comes before the DNS, hosts(5). It is read again when it has changed.
final class HostsFile {
  private let path: String
  private var stamp: FileStamp?
  private var table: [String: [SocketAddress]] = [:]
  private var fullNames: [String: String] = [:]

  init(path: String = "/etc/hosts") { self.path = path }

  /// The addresses of a name in lower case, in the file's order.
  func addresses(of name: String) -> [SocketAddress] {
    reload()
    return table[name] ?? []
  }

  /// The first name with a dot that stands beside a name in lower case.
  func fullName(of name: String) -> String? {
    reload()
    return fullNames[name]
  }

  private func reload() {
    let now = FileStamp(path: path)
    guard stamp != now else { return }
    let text = SmallFile.text(of: path)
    // One that is there and cannot be read, for want of descriptors it may be, says what it last said: else a name of
    // this file would be looked for elsewhere, and not be found.
    guard text != nil || now.isMissing else { return }
    stamp = now
    table = [:]
    fullNames = [:]
    for line in (text ?? "").split(whereSeparator: \.isNewline) {
      let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
      guard let first = words.first, let address = SocketAddress(literal: String(first)) else { continue }
      let names = words.dropFirst().map { $0.lowercased() }
      let full = names.first { $0.contains(".") }
      for name in names {
        if table[name]?.contains(address) != true { table[name, default: []].append(address) }
        if let full, fullNames[name] == nil { fullNames[name] = full }
      }
    }
  }
}
