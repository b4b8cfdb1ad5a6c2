/// The PROXY protocol (haproxy.org, proxy-protocol.txt): a header before all else that names the connection's
/// ends to a server behind a balancer.
package enum ProxyProtocol: String, CaseIterable, Sendable {
  /// A line of text.
  case v1
  /// Binary.
  case v2
}
