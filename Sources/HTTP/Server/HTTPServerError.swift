/// Why a server could not begin to listen.
package enum HTTPServerError: Error, Equatable, CustomStringConvertible {
  /// Another program has the port.
  case portInUse(ListenAddress)
  /// Ports below 1024 take a privilege.
  case notPermitted(ListenAddress)
  /// No interface of this host has the address.
  case notOurAddress(ListenAddress)
  /// What is at the place of a socket is something else.
  case notASocket(ListenAddress)
  /// The folder of a Unix socket is not there.
  case noFolder(ListenAddress)
  /// The service manager has passed no socket.
  case noPassedSockets
  /// The host name has no address; the resolver's words.
  case unknownHost(ListenAddress, String)
  /// Anything else, in the system's words.
  case system(ListenAddress, String)

  package var description: String {
    switch self {
    case .portInUse(.unix(let path)):
      "Cannot listen on unix:\(path): another program serves there. "
        + "Stop that, or choose another path with --web.listen-address."
    case .notPermitted(.unix(let path)):
      "Cannot listen on unix:\(path): this user may not write to that folder. "
        + "Choose another path with --web.listen-address."
    case .notASocket(.unix(let path)):
      "Cannot listen on unix:\(path): there is a file that is no socket. "
        + "Remove it, or choose another path with --web.listen-address."
    case .notASocket(let address):
      "Cannot serve on \(address) of the service manager: it is no stream socket that listens. "
        + "Use ListenStream= with Accept=no in the socket unit."
    case .noFolder(let address):
      "Cannot listen on \(address): there is no such folder. "
        + "Make it, or choose another path with --web.listen-address."
    case .noPassedSockets:
      "--web.systemd-socket: no socket activation file descriptors found. "
        + "Start the service through its .socket unit, or leave the flag out."
    case .portInUse(let address):
      "Cannot listen on \(address): port \(address.port) is in use by another program. "
        + "Stop that, or choose another port with --web.listen-address."
    case .notPermitted(let address):
      "Cannot listen on \(address): ports below 1024 take a privilege. "
        + "Choose a higher port with --web.listen-address."
    case .notOurAddress(let address):
      "Cannot listen on \(address): no interface of this host has that address. "
        + "Use :\(address.port) to listen on all of them."
    case .unknownHost(let address, let why):
      "Cannot listen on \(address): the name has no address (\(why)). "
        + "Use an address of this host, or :\(address.port) for all of them."
    case .system(let address, let why): "Cannot listen on \(address): \(why)."
    }
  }
}
