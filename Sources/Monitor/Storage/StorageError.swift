/// Why a directory cannot hold the history. The sentence says what to do.
package enum StorageError: Error, Sendable, Equatable, CustomStringConvertible {
  /// It is not there, and cannot be made.
  case noDirectory(path: String, cause: String)
  case notADirectory(path: String)
  /// Everybody may write there.
  case openToAll(path: String)
  /// Another process has it.
  case inUse(path: String, process: Int?)
  /// A file of that name is something else.
  case foreign(path: String)
  /// A later version of the program wrote it.
  case newer(path: String, version: Int, known: Int)
  case noSpace(path: String)
  /// The system refuses.
  case refused(path: String, cause: String)

  package var description: String {
    switch self {
    case .noDirectory(let path, let cause):
      "--storage.path: the directory \(path) cannot be used (\(cause)): create it, and let the user of smtpwatch "
        + "write there."
    case .notADirectory(let path):
      "--storage.path: \(path) is not a directory: name one that is smtpwatch's own."
    case .openToAll(let path):
      "--storage.path: everybody may write to \(path): take that away (chmod o-w), or name another directory."
    case .inUse(let path, let process):
      "--storage.path: \(path) is in use by another smtpwatch\(process.map { " (process \($0))" } ?? ""): give "
        + "each its own directory, or stop the other one."
    case .foreign(let path):
      "--storage.path: \(path) was not written by smtpwatch: name another directory, or move the file away."
    case .newer(let path, let version, let known):
      "--storage.path: \(path) was written by a newer smtpwatch (format \(version), this one knows \(known)): "
        + "use that version, or name another directory."
    case .noSpace(let path):
      "--storage.path: no space is left for \(path): make room, or name a directory on another disk."
    case .refused(let path, let cause):
      "--storage.path: \(path) cannot be used (\(cause)): let the user of smtpwatch read and write it, or name "
        + "another directory."
    }
  }
}
