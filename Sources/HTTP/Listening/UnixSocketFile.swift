import Glibc

/// The file of a Unix socket: who may connect, and when it may go.
enum UnixSocketFile {
  /// Owner and group, such as a web server's; whoever may write to the file may connect.
  private static let mode: mode_t = 0o660

  /// Listens on a path. A socket that a program left behind there goes; one where somebody listens stays.
  static func open(_ path: String) throws(HTTPServerError) -> Int32 {
    let address = ListenAddress.unix(path: path)
    try clear(path, address)
    let descriptor = try create(address)
    // First here, so that it is never open to more; then there, whatever the process's mask has taken.
    fchmod(descriptor, mode)
    guard bind(descriptor, to: path), unsafe chmod(path, mode) == 0, listen(descriptor, SOMAXCONN) == 0 else {
      let failure = ListeningSocket.failure(address)
      close(descriptor)
      throw failure
    }
    return descriptor
  }

  /// Takes the file away at the end.
  static func remove(_ address: ListenAddress) {
    if case .unix(let path) = address { unsafe unlink(path) }
  }

  private static func clear(_ path: String, _ address: ListenAddress) throws(HTTPServerError) {
    var facts = stat()
    guard unsafe lstat(path, &facts) == 0 else { return }
    guard facts.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(address) }
    let descriptor = try create(address)
    defer { close(descriptor) }
    let isTaken = unsafe withAddress(path) { unsafe connect(descriptor, $0, $1) } == 0 || errno == EAGAIN
    guard !isTaken else { throw .portInUse(address) }
    guard errno == ECONNREFUSED else { throw ListeningSocket.failure(address) }
    unsafe unlink(path)
  }

  private static func create(_ address: ListenAddress) throws(HTTPServerError) -> Int32 {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0 else { throw ListeningSocket.failure(address) }
    return descriptor
  }

  private static func bind(_ descriptor: Int32, to path: String) -> Bool {
    unsafe withAddress(path) { unsafe Glibc.bind(descriptor, $0, $1) } == 0
  }

  private static func withAddress(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    return unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
