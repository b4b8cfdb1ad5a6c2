import Base
import Foundation

/// The bytes of a file, or why there are none.
enum FileText {
  /// Why a file cannot be read, in words with the system's number.
  struct Fault: Error {
    var message: String
  }

  /// Reads a whole file.
  static func read(_ path: String) throws(Fault) -> [UInt8] {
    do throws(WholeFile.Fault) {
      return try WholeFile.read(path)
    } catch {
      switch error {
      case .silent: throw Fault(message: "it is a pipe, and nobody writes into it")
      case .system(let errno): throw Fault(message: words(for: errno))
      }
    }
  }

  /// Whether there is a directory at a path.
  static func isDirectory(_ path: String) -> Bool {
    (try? URL(fileURLWithPath: path).resolvingSymlinksInPath().resourceValues(forKeys: [.isDirectoryKey]))?
      .isDirectory == true
  }

  /// Who may read a file besides its owner, more widely than there is a need for; nil where nobody may.
  static func strangers(of path: String) -> Strangers? {
    // Attributes are those of a link itself; what counts is the file behind it.
    let file = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: file)
    return Strangers(
      mode: (attributes?[.posixPermissions] as? Int) ?? 0,
      owner: (attributes?[.ownerAccountID] as? Int).flatMap(UInt32.init(exactly:)), reader: geteuid())
  }

  /// `path` as seen from the folder `directory`.
  static func resolve(_ path: String, from directory: String) -> String {
    if path.hasPrefix("/") || directory.isEmpty { return path }
    return directory.hasSuffix("/") ? directory + path : "\(directory)/\(path)"
  }

  /// The folder that a file stands in; empty for the current one.
  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func words(for errno: Int32) -> String {
    let words: String =
      switch errno {
      case ENOENT: "there is no such file"
      case EACCES, EPERM: "permission denied"
      case EISDIR: "it is a directory"
      case ENOTDIR: "a part of the path is not a directory"
      case ELOOP: "too many symbolic links"
      case ENAMETOOLONG: "the name is too long"
      default: "it cannot be read"
      }
    return "\(words) (errno \(errno))"
  }
}

/// People who may read a secret's file and have no need to.
enum Strangers: String {
  case group = "its group"
  case everybody = "everybody on this machine"

  /// Those whom a file's mode lets in. A group that the reader of the file itself depends on is none; nor is what root
  /// gives to one.
  init?(mode: Int, owner: UInt32?, reader: UInt32) {
    if mode & 0o004 != 0 {
      self = .everybody
    } else if mode & 0o040 != 0, owner == reader, reader != 0 {
      self = .group
    } else {
      return nil
    }
  }

  /// What takes it from them.
  func cure(for path: String) -> String { "chmod \(self == .group ? "g" : "o")-rwx \(path)" }
}
