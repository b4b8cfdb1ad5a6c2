/// Why a server could not begin to listen.
package enum HTTPServerError: Error, Equatable, CustomStringConvertible {
  /// Another program has the port.
  case portInUse(ListenAddress)
  /// Ports below 1024 take a privilege.
  case notPermitted(ListenAddress)
  /// No interface of this host has the address.
  case notOurAddress(ListenAddress)
  /// The host name has no address; the resolver's words.
  case unknownHost(ListenAddress, String)
  /// Anything else, in the system's words.
  case system(ListenAddress, String)

  package var description: String {
    switch self {
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
