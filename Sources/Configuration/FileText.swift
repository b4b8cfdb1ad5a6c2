import Foundation

/// The bytes of a file, or why there are none.
enum FileText {
  /// Why a file cannot be read, in words with the system's number.
  struct Fault: Error {
    var message: String
  }

  /// Reads a whole file.
  static func read(_ path: String) throws(Fault) -> [UInt8] {
    do {
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? POSIXError
      throw Fault(message: words(for: underlying?.code ?? POSIXError.Code.EIO))
    }
  }

  /// Whether people who are neither the owner nor in the file's group may read it.
  static func isReadableByOthers(_ path: String) -> Bool {
    // Attributes are those of a link itself; what counts is the file behind it.
    let file = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: file)
    return ((attributes?[.posixPermissions] as? Int) ?? 0) & 0o004 != 0
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

  private static func words(for code: POSIXError.Code) -> String {
    let words: String =
      switch code {
      case .ENOENT: "there is no such file"
      case .EACCES, .EPERM: "permission denied"
      case .EISDIR: "it is a directory"
      case .ENOTDIR: "a part of the path is not a directory"
      case .ELOOP: "too many symbolic links"
      case .ENAMETOOLONG: "the name is too long"
      default: "it cannot be read"
      }
    return "\(words) (errno \(code.rawValue))"
  }
}
