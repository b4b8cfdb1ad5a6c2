// The importer ascribes the times of a file to this module, whose header is the first to include them.
import CAres
import Glibc

/// What changes when a file is written or replaced.
struct FileStamp: Equatable {
  private var inode: UInt64 = 0
  private var size: Int = 0
  private var seconds: Int = 0
  private var nanoseconds: Int = 0

  /// There is no such file.
  var isMissing: Bool { inode == 0 }

  /// The stamp of a file; that of a missing one is all zero.
  init(path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return }
    inode = UInt64(status.st_ino)
    size = Int(status.st_size)
    seconds = status.st_mtim.tv_sec
    nanoseconds = status.st_mtim.tv_nsec
  }
}
