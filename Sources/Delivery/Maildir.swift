import Base
import Glibc
import Loop
import Model

/// A Maildir with its subfolders (Maildir++): new messages are looked at once each, and ours are taken out.
struct Maildir {
  let path: String
  private let isOurs: @Sendable (String) -> Bool
  /// Files that are none of ours, by their unique names.
  private var foreign: Set<String> = []

  init(_ path: String, isOurs: @escaping @Sendable (String) -> Bool) {
    self.path = path
    self.isOurs = isOurs
  }

  /// The directories in which messages appear, with the sort of their folder.
  func directories() throws(MailboxError) -> [(path: String, folder: DeliveryFacts.FolderKind)] {
    let entries = try Self.entries(of: path)
    guard entries.contains("new") else {
      throw MailboxError("\(path) is no Maildir: it has no directory 'new'")
    }
    let folders =
      [("", DeliveryFacts.FolderKind.inbox)]
      + entries.filter { $0.hasPrefix(".") && $0 != "." && $0 != ".." }.sorted()
      .map { ("/" + $0, DeliveryFacts.FolderKind(folder: $0)) }
    return folders.flatMap { name, kind in
      ["new", "cur"].map { ("\(path)\(name)/\($0)", kind) }
    }
  }

  /// Takes our messages out of the mailbox.
  mutating func collect() throws(MailboxError) -> [Finding] {
    var findings: [Finding] = []
    var present: Set<String> = []
    var refusal: MailboxError?
    for (index, place) in try directories().enumerated() {
      let entries: [String]
      do throws(MailboxError) {
        entries = try Self.entries(of: place.path)
      } catch {
        // A folder may be half made; the inbox may not.
        if index < 2 { throw error }
        continue
      }
      for name in entries where !name.hasPrefix(".") {
        // The flags behind the colon change; what stands before is unique.
        let key = "\(place.path)/\(name.prefix { $0 != ":" })"
        present.insert(key)
        guard !foreign.contains(key) else { continue }
        let file = "\(place.path)/\(name)"
        guard let message = Self.head(of: file).flatMap({ ReceivedMessage($0) }), isOurs(message.token)
        else {
          foreign.insert(key)
          continue
        }
        if unsafe unlink(file) != 0, errno != ENOENT {
          refusal = MailboxError("\(file) cannot be deleted: \(SystemError.last("unlink").words)")
          foreign.insert(key)
        }
        findings.append(Finding(message: message, folder: place.folder))
      }
    }
    foreign.formIntersection(present)
    if let refusal, findings.isEmpty { throw refusal }
    return findings
  }

  private static func entries(of path: String) throws(MailboxError) -> [String] {
    guard let directory = unsafe opendir(path) else {
      throw MailboxError("the Maildir \(path) cannot be read: \(SystemError.last("opendir").words)")
    }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      names.append(name)
    }
    return names
  }

  /// The beginning of a regular file; nil where it cannot be read. A link is not followed.
  private static func head(of path: String) -> [UInt8]? {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard number >= 0 else { return nil }
    let descriptor = Descriptor(owning: number)
    var bytes = [UInt8](repeating: 0, count: ReceivedMessage.headerLimit)
    let count = unsafe bytes.withUnsafeMutableBytes {
      unsafe read(descriptor.rawValue, $0.baseAddress, $0.count)
    }
    guard count > 0 else { return nil }
    bytes.removeSubrange(count...)
    return bytes
  }
}
