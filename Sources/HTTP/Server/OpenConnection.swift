import Base
import CGnuTLS
import CMicroHTTPD

/// A client's connection, from its beginning to its end.
final class OpenConnection: Sendable {
  let client: ClientAddress?
  /// What its TLS session stands on, which must live as long as the session; nil where it is not encrypted.
  let credentials: TLSCredentials?

  private init(client: ClientAddress?, credentials: TLSCredentials?) {
    self.client = client
    self.credentials = credentials
  }

  var id: ObjectIdentifier { ObjectIdentifier(self) }

  /// Notes that a connection has begun: the library keeps the value with it. An encrypted one gets what its
  /// handshake needs, as it is at this moment, so that new certificates need no new server.
  static func begin(_ connection: OpaquePointer, _ desk: Desk) -> UnsafeMutableRawPointer {
    let session = unsafe cmhd_connection_session(connection).map { OpaquePointer($0) }
    let new = OpenConnection(
      client: unsafe cmhd_connection_client(connection).flatMap { unsafe ClientAddress($0) },
      credentials: unsafe session == nil ? nil : desk.credentials)
    if let session = unsafe session { unsafe new.credentials?.prepare(session) }
    desk.connections.open(
      new.id, descriptor: unsafe cmhd_connection_descriptor(connection), client: new.client)
    return unsafe Unmanaged.passRetained(new).toOpaque()
  }

  /// Notes that a connection has ended.
  static func end(_ known: UnsafeMutableRawPointer, _ desk: Desk) {
    let connection = unsafe Unmanaged<OpenConnection>.fromOpaque(known).takeRetainedValue()
    desk.connections.close(connection.id)
  }

  /// The value that the library keeps with a connection.
  static func of(_ connection: OpaquePointer) -> OpenConnection? {
    unsafe cmhd_connection_context(connection).map {
      unsafe Unmanaged<OpenConnection>.fromOpaque($0).takeUnretainedValue()
    }
  }
}
