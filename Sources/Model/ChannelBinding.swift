/// What only the two ends of one TLS session know, so that a login can be tied to that session (RFC 5056): who
/// sits between them cannot pass it on.
package struct ChannelBinding: Sendable, Equatable {
  /// The sort; the raw values are the registered names.
  package enum Kind: String, Sendable {
    /// Keying material of the session (RFC 9266).
    case tlsExporter = "tls-exporter"
    /// The hash of the server's certificate (RFC 5929 section 4).
    case tlsServerEndPoint = "tls-server-end-point"
  }

  package var kind: Kind
  package var data: [UInt8]

  /// A binding.
  package init(_ kind: Kind, _ data: [UInt8]) {
    self.kind = kind
    self.data = data
  }
}
