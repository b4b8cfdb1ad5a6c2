import CLinux
import CZlib
import Glibc
import Model

/// A file of equal units behind a head of one page, mapped into memory: what is written here is the kernel's at
/// once, and outlives the process however it ends.
///
/// The place in memory never moves: more is reserved than the file has, and a file that grows fills it. Room on the
/// disk is taken before a unit is used, so that none is missing when the kernel writes it down. A page that is
/// lost all the same (somebody cut the file, the disk fails) becomes memory of the process: see `lostPages`.
@safe final class RingFile: @unchecked Sendable {
  // Safe to send: the mapping lives as long as this object and never moves. Of the bytes, each unit has an owner
  // with a lock of its own; the number of units changes only under the lock of whoever hands them out.

  /// What a file is for, and how it is divided.
  struct Format: Equatable {
    /// Four letters.
    var kind: UInt32
    var unitBytes: Int
    /// Of the kind's own: it is kept in the head.
    var parameter: Int
  }

  /// The version of both files' layout.
  static let version = 1
  static let headBytes = 4096
  /// "smtpwatch", cut to a word.
  private static let magic: UInt64 = 0x6374_6177_7074_6d73

  let path: String
  let format: Format
  /// How many units there are.
  private(set) var units: Int
  private let descriptor: Int32
  private let base: UnsafeMutableRawPointer
  private let reserved: Int

  private init(path: String, descriptor: Int32, format: Format, units: Int) throws(StorageError) {
    self.path = path
    self.format = format
    self.units = units
    self.descriptor = descriptor
    let needed = Self.headBytes + units * format.unitBytes
    // Address space costs nothing; where it is limited, less will do.
    var size = max(16 << 30, 4 * needed)
    var place = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    while unsafe place == MAP_FAILED, size / 2 >= needed, size > 1 << 20 {
      size /= 2
      unsafe place = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    }
    guard let place = unsafe place, unsafe place != MAP_FAILED else {
      let error = StorageError.last(path)
      close(descriptor)
      throw error
    }
    unsafe base = place
    reserved = size
    _ = unsafe clinux_guard_mapping(base, size)
  }

  deinit {
    unsafe clinux_forget_mapping(base)
    unsafe munmap(base, reserved)
    close(descriptor)
  }

  /// Opens a file.
  ///
  /// - Parameter format: its kind; the rest is as the file says.
  /// - Returns: nil where there is none, or none that could be believed: `isDamaged` tells which.
  static func open(_ path: String, kind: UInt32) throws(StorageError) -> (file: RingFile?, isDamaged: Bool) {
    let descriptor = unsafe Glibc.open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else {
      if errno == ENOENT { return (nil, false) }
      throw .last(path)
    }
    var status = stat()
    var head = [UInt64](repeating: 0, count: 8)
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .foreign(path: path)
    }
    let count = unsafe pread(descriptor, &head, 64, 0)
    if count < 64 || head.allSatisfy({ $0 == 0 }) {
      close(descriptor)
      // A file of ours that was cut off, or whose first page never reached the disk, still has our name; any
      // other of that length has bytes of its own.
      guard count <= 0 || head[0] == magic || head.allSatisfy({ $0 == 0 }) else { throw .foreign(path: path) }
      return (nil, true)
    }
    guard head[0] == magic, head[1] >> 32 == UInt64(kind) else {
      close(descriptor)
      throw .foreign(path: path)
    }
    let version = Int(head[1] & 0xffff_ffff)
    guard version <= Self.version else {
      close(descriptor)
      throw .newer(path: path, version: version, known: Self.version)
    }
    let format = Format(
      kind: kind, unitBytes: Int(truncatingIfNeeded: head[2]), parameter: Int(truncatingIfNeeded: head[3]))
    guard head[4] == check(head), (64...(1 << 32)).contains(format.unitBytes) else {
      close(descriptor)
      return (nil, true)
    }
    // A last unit that is not whole was never used, or was cut off.
    let units = max(0, Int(status.st_size) - headBytes) / format.unitBytes
    let file = try RingFile(path: path, descriptor: descriptor, format: format, units: units)
    return (file, false)
  }

  /// Makes a file without units in place of any other of that name: it appears whole, or not at all.
  static func create(
    _ path: String, _ format: Format, fill: (RingFile) throws(StorageError) -> Void = { _ in }
  )
    throws(StorageError) -> RingFile
  {
    let fresh = path + ".new"
    let descriptor = unsafe Glibc.open(
      fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode_t(0o600))
    guard descriptor >= 0 else { throw .last(path) }
    var head = [UInt64](repeating: 0, count: headBytes / 8)
    head[0] = magic
    head[1] = UInt64(format.kind) << 32 | UInt64(version)
    head[2] = UInt64(format.unitBytes)
    head[3] = UInt64(format.parameter)
    head[4] = check(head)
    let reserved = posix_fallocate(descriptor, 0, off_t(headBytes))
    guard reserved == 0, unsafe pwrite(descriptor, &head, headBytes, 0) == headBytes else {
      let error = reserved == 0 ? StorageError.last(path) : StorageError(path, code: reserved)
      close(descriptor)
      unsafe unlink(fresh)
      throw error
    }
    let file = try RingFile(path: path, descriptor: descriptor, format: format, units: 0)
    do throws(StorageError) {
      try fill(file)
      guard fdatasync(descriptor) == 0, unsafe rename(fresh, path) == 0 else { throw .last(path) }
    } catch {
      unsafe unlink(fresh)
      throw error
    }
    return file
  }

  private static func check(_ head: [UInt64]) -> UInt64 {
    UInt64(checksum(head.span.extracting(first: 4), seed: 0))
  }

  /// Gets room for more units, all zero; false where the disk, or a limit, does not give it: then all is as it was.
  func grow(by count: Int) -> Bool {
    guard count > 0 else { return true }
    let old = Self.headBytes + units * format.unitBytes
    let more = count * format.unitBytes
    guard old + more <= reserved else { return false }
    guard posix_fallocate(descriptor, off_t(old), off_t(more)) == 0 else {
      // A part may have been added.
      ftruncate(descriptor, off_t(old))
      return false
    }
    units += count
    return true
  }

  /// Gives units at the end back. Only before anybody else knows the file.
  func shrink(to count: Int) {
    guard count < units, ftruncate(descriptor, off_t(Self.headBytes + count * format.unitBytes)) == 0 else {
      return
    }
    units = count
  }

  /// How large the file is.
  var bytes: Int { Self.headBytes + units * format.unitBytes }

  /// Waits until the disk has all that was written; false where it fails.
  func sync(units: Int) -> Bool {
    unsafe msync(base, Self.headBytes + units * format.unitBytes, MS_SYNC) == 0
  }

  /// Lets go of the memory: the kernel keeps the pages as long as it has room, and gives them back on use.
  func releaseMemory(units: Int) {
    unsafe _ = madvise(base, Self.headBytes + units * format.unitBytes, MADV_DONTNEED)
  }

  /// Pages of any file that were lost since the start of the process.
  static var lostPages: Int { Int(clinux_lost_pages()) }

  // MARK: Bytes

  /// Where a unit begins.
  func offset(of unit: Int) -> Int { Self.headBytes + unit * format.unitBytes }

  /// A word; `offset` is a multiple of 8.
  func word(at offset: Int) -> UInt64 {
    precondition(offset >= 0 && offset + 8 <= reserved, "beyond the file")
    return unsafe base.load(fromByteOffset: offset, as: UInt64.self)
  }

  /// Writes a word, at once; `offset` is a multiple of 8.
  func setWord(_ word: UInt64, at offset: Int) {
    precondition(offset >= 0 && offset + 8 <= reserved, "beyond the file")
    unsafe base.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
  }

  /// Writes bytes, or words.
  func write<Element: BitwiseCopyable>(_ elements: Span<Element>, at offset: Int) {
    unsafe elements.withUnsafeBytes { source in
      precondition(offset >= 0 && offset + source.count <= reserved, "beyond the file")
      if let start = source.baseAddress { unsafe memcpy(base + offset, start, source.count) }
    }
  }

  /// Adds bytes of the file to others.
  func read(_ count: Int, at offset: Int, into bytes: inout [UInt8]) {
    precondition(offset >= 0 && count >= 0 && offset + count <= reserved, "beyond the file")
    unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: base + offset, count: count))
  }

  /// Makes bytes zero.
  func clear(_ count: Int, at offset: Int) {
    precondition(offset >= 0 && count >= 0 && offset + count <= reserved, "beyond the file")
    unsafe memset(base + offset, 0, count)
  }

  /// CRC-32 of bytes of the file, continued from that of others.
  func checksum(_ count: Int, at offset: Int, seed: UInt32) -> UInt32 {
    precondition(offset >= 0 && count >= 0 && offset + count <= reserved, "beyond the file")
    return unsafe Self.checksum(UnsafeRawBufferPointer(start: base + offset, count: count), seed: seed)
  }

  /// CRC-32 of words, continued from that of others.
  static func checksum(_ words: Span<UInt64>, seed: UInt32) -> UInt32 {
    unsafe words.withUnsafeBytes { unsafe checksum($0, seed: seed) }
  }

  private static func checksum(_ bytes: UnsafeRawBufferPointer, seed: UInt32) -> UInt32 {
    let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    return UInt32(truncatingIfNeeded: unsafe crc32(uLong(seed), start, uInt(bytes.count)))
  }
}

/// A directory that one process has for itself.
final class LockedDirectory: Sendable {
  let path: String
  private let descriptor: Int32

  /// Takes the directory, which is made where only it is missing.
  init(_ path: String) throws(StorageError) {
    self.path = path
    clinux_ignore_file_size_signal()
    if unsafe mkdir(path, 0o750) != 0, errno != EEXIST {
      throw .noDirectory(path: path, cause: StorageError.words(errno))
    }
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      throw .noDirectory(path: path, cause: StorageError.words(errno))
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw .notADirectory(path: path) }
    guard status.st_mode & 0o002 == 0 else { throw .openToAll(path: path) }
    let lock = path + "/lock"
    descriptor = unsafe open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode_t(0o600))
    guard descriptor >= 0 else { throw .last(lock) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let isTaken = errno == EWOULDBLOCK
      var text = [UInt8](repeating: 0, count: 20)
      let count = unsafe pread(descriptor, &text, 20, 0)
      let error =
        isTaken
        ? StorageError.inUse(
          path: path, process: Int(String(decoding: text[..<max(0, count)], as: UTF8.self)))
        : StorageError.last(lock)
      close(descriptor)
      throw error
    }
    // Only for people: that the number cannot be written does no harm.
    let own = [UInt8](String(getpid()).utf8)
    ftruncate(descriptor, 0)
    _ = unsafe pwrite(descriptor, own, own.count, 0)
  }

  deinit { close(descriptor) }

  /// Moves a file aside, under a name that says why.
  func setAside(_ path: String) { unsafe _ = rename(path, path + ".damaged") }
}

extension StorageError {
  /// What the last call on a file said.
  fileprivate static func last(_ path: String) -> StorageError { StorageError(path, code: errno) }

  fileprivate init(_ path: String, code: Int32) {
    self =
      code == ENOSPC || code == EDQUOT || code == EFBIG
      ? .noSpace(path: path) : .refused(path: path, cause: Self.words(code))
  }

  fileprivate static func words(_ code: Int32) -> String {
    unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }
}
