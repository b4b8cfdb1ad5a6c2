import Glibc

/// The sockets that the service manager has opened for the program, as sd_listen_fds(3) has them.
package enum PassedSockets {
  private static let first: Int32 = 3

  /// Where to listen by what the manager says in the environment; none where it says nothing to this process.
  package static func addresses(
    environment: [String: String], process: Int32 = getpid()
  ) throws(HTTPServerError) -> [ListenAddress] {
    guard environment["LISTEN_PID"] == String(process),
      let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), (1...1000).contains(count)
    else { throw .noPassedSockets }
    let names = environment["LISTEN_FDNAMES"]?.split(separator: ":", omittingEmptySubsequences: false) ?? []
    var addresses: [ListenAddress] = []
    for number in 0..<count {
      let name = Int(number) < names.count ? String(names[Int(number)]) : "socket \(number + 1)"
      addresses.append(try take(first + number, name))
    }
    return addresses
  }

  /// Prepares a socket as if the program had opened it.
  private static func take(_ descriptor: Int32, _ name: String) throws(HTTPServerError) -> ListenAddress {
    let address = ListenAddress.passed(descriptor, name: name)
    var (isListening, size): (Int32, socklen_t) = (0, socklen_t(MemoryLayout<Int32>.size))
    guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size) == 0, isListening == 1
    else { throw .notASocket(address) }
    // The program starts no others that should have it, and the library must never wait in accept.
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    return address
  }
}
