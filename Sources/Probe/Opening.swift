import Base
import Diagnosis
import Loop
import Model

extension ProbePlan {
  /// Connects to an address as the target says: from its source address, and with the header of the PROXY
  /// protocol before all else.
  func open(
    _ address: SocketAddress, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(ConnectError) -> Socket {
    let socket = try await Socket.connect(to: address, from: source, until: deadline, on: loop)
    // Another port of the same server is not behind the proxy.
    guard let version = target.settings.proxyProtocol, Int(address.port) == target.port,
      let local = socket.local
    else { return socket }
    do throws(SendError) {
      try await socket.send(ProxyHeader.bytes(version, from: local, to: address), until: deadline, on: loop)
    } catch {
      switch error {
      case .timedOut: throw .timedOut
      case .reset: throw .system(.connectionReset)
      case .system(let error): throw .system(error)
      case .ended: throw .ended
      }
    }
    return socket
  }

  /// The fault of a source address that this host does not have; nil for any other error.
  func bindFault(_ error: ConnectError) -> Fault? {
    guard case .local(let trouble) = error, trouble.call == "bind", let source else { return nil }
    return .local("source_address \(source.text) cannot be used: \(trouble.description)")
  }
}
