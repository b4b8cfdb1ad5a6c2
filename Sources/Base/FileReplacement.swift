import Glibc

/// A file that is replaced by one rename: whoever reads it sees the old one or the new one, each whole.
package enum FileReplacement {
  /// Puts `bytes` in the place of a file's, whose mode stays. Only a file that is ours: a regular one, no link, and
  /// writable as is its folder.
  package static func replace(_ path: String, with bytes: [UInt8]) throws(FileReplacementError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { throw FileReplacementError(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path) }
    guard unsafe access(path, W_OK) == 0 else { throw FileReplacementError(path, errno) }
    let fresh = "\(path).new"
    // What an earlier run may have left there.
    _ = unsafe unlink(fresh)
    // Closed to others before anything is in it.
    let descriptor = unsafe open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileReplacementError(path, errno) }
    var isDone = unsafe write(descriptor, bytes, bytes.count) == bytes.count
    isDone = isDone && fchmod(descriptor, status.st_mode & 0o7777) == 0 && fsync(descriptor) == 0
    isDone = isDone && (unsafe rename(fresh, path)) == 0
    let code = errno
    close(descriptor)
    guard isDone else {
      _ = unsafe unlink(fresh)
      throw FileReplacementError(path, code)
    }
  }
}

/// Why a file was not replaced.
package enum FileReplacementError: Error, Sendable, Equatable, CustomStringConvertible {
  /// It is a link, or something else that somebody hands out.
  case notAFile(String)
  case system(String, errno: Int32)

  fileprivate init(_ path: String, _ errno: Int32) { self = .system(path, errno: errno) }

  package var description: String {
    switch self {
    case .notAFile(let path): "\(path) is a link, or no file"
    case .system(let path, let errno):
      "\(path) cannot be written: \(unsafe String(cString: strerror(errno))) (errno \(errno))"
    }
  }
}
