import Model
import TLS
import Testing

struct TLSFaultTests {
  /// The fault of a client that hears `bytes` after its ClientHello.
  private func heard(_ bytes: [UInt8], thenEnds: Bool = false) throws -> TLSFault? {
    let session = TLSSession(
      client: try TLSContext(client: ClientOptions()), serverName: "mail.example.test")
    #expect(session.handshake() == .wantsBytes)
    session.receive(bytes)
    if thenEnds { session.endOfStream() }
    return fault(session.handshake())
  }

  @Test(arguments: [
    ("220 mail.example.test ESMTP\r\n", 0x0A00_010B as UInt32), ("220-mail.example.test\r\n", 0x0A00_010B),
    ("421 4.7.0 too many connections\r\n", 0x0A00_010B), ("500 what\r\n", 0x0A00_010B),
    ("HTTP/1.1 400 Bad Request\r\n", 0x0A00_010B), ("* OK IMAP4rev1\r\n", 0x0A00_010B),
    ("+OK POP3\r\n", 0x0A00_010B), ("SSH-2.0-OpenSSH_9.2\r\n", 0x0A00_010B),
    ("GET / HTTP/1.1\r\n", 0x0A00_009C), ("CONNECT a:1 HTTP/1.1\r\n", 0x0A00_009B),
  ])
  func `text where TLS was expected has its code`(text: String, code: UInt32) throws {
    let fault = try #require(try heard(Array(text.utf8)))
    #expect(fault.kind == .protocol && fault.code == code && fault.alert == nil)
    #expect(!fault.isAfterHandshake)
  }

  @Test func `a fault keeps the library's words`() throws {
    let fault = try #require(try heard(Array("220 m\r\n".utf8)))
    #expect(fault.text == "wrong version number" && fault.reason == 267)
    #expect(fault.entries.count == 1)
    #expect(fault.entries[0].hasPrefix("0A00010B:SSL routines:"))
    #expect(fault.entries[0].hasSuffix(":wrong version number"))
  }

  @Test(arguments: [0, 10, 40, 46, 48, 70, 80, 90, 112, 116, 120, 123, 255] as [UInt8])
  func `a fatal alert is the reason less 1000`(number: UInt8) throws {
    let fault = try #require(try heard([0x15, 3, 3, 0, 2, 2, number]))
    #expect(fault.kind == .protocol && fault.reason == 1000 + Int(number) && fault.alert == Int(number))
    #expect(fault.code == 0x0A00_0000 + 1000 + UInt32(number))
    #expect(!fault.text.isEmpty)
  }

  @Test func `close_notify in the handshake is no error of the protocol`() throws {
    let fault = try #require(try heard([0x15, 3, 3, 0, 2, 1, 0]))
    #expect(fault.kind == .closeNotify && fault.code == 0 && !fault.isAfterHandshake)
  }

  @Test(arguments: [[], [0x16], [0x16, 3, 3, 0, 0x40, 2]] as [[UInt8]])
  func `an end in the handshake is an unexpected end`(bytes: [UInt8]) throws {
    let fault = try #require(try heard(bytes, thenEnds: true))
    #expect(fault.kind == .endOfStream && fault.code == 0x0A00_0126 && !fault.isAfterHandshake)
  }

  @Test(
    arguments: [
      ([0x16, 3, 3, 0xFF, 0xFF, 0], 0x0A00_00C6 as UInt32), ([0x16, 3, 3, 0x48, 0x01, 0], 0x0A00_00C6),
      ([0x17, 3, 3, 0, 1, 0], 0x0A00_00F4), ([UInt8](repeating: 0, count: 64), 0x0A00_010B),
      ([UInt8](repeating: 0xFF, count: 64), 0x0A00_010B),
    ] as [([UInt8], UInt32)])
  func `mangled records have their codes`(bytes: [UInt8], code: UInt32) throws {
    #expect(try heard(bytes)?.code == code)
  }

  @Test func `too few bytes are waited for`() throws {
    #expect(try heard(Array("hi\n".utf8)) == nil)
  }

  @Test func `a server without secure renegotiation is told`() throws {
    // ServerHello of TLS 1.2, ECDHE-RSA-AES128-GCM-SHA256, no extensions.
    let hello: [UInt8] = [0x03, 0x03] + [UInt8](repeating: 7, count: 32) + [0, 0xC0, 0x2F, 0]
    let message: [UInt8] = [2, 0, 0, UInt8(hello.count)] + hello
    #expect(try heard([0x16, 3, 3, 0, UInt8(message.count)] + message)?.code == 0x0A00_0152)
  }

  @Test func `plaintext in a finished session is told apart from plaintext instead of one`() throws {
    let wire = Wire(client: try TLSContext(client: ClientOptions()), server: try Lab.shared.server())
    _ = wire.shakeHands()
    wire.client.receive(Array("421 idle\r\n".utf8))
    let broken = try #require(fault(drain(wire.client).end))
    #expect(broken.code == 0x0A00_010B && broken.isAfterHandshake)
  }

  @Test func `a record that cannot be decrypted is told`() throws {
    let wire = Wire(client: try TLSContext(client: ClientOptions()), server: try Lab.shared.server())
    _ = wire.shakeHands()
    wire.client.receive([0x17, 3, 3, 0, 32] + [UInt8](repeating: 9, count: 32))
    #expect(fault(drain(wire.client).end)?.code == 0x0A00_0119)
  }

  @Test func `a server of TLS 1.0 only is told, and reached with legacy allowed`() throws {
    let server = try TLSContext(
      server: ServerOptions(identity: Lab.shared.good, minVersion: .tls10, maxVersion: .tls10))
    let strict = Wire(client: try TLSContext(client: ClientOptions(minVersion: .tls12)), server: server)
    #expect(fault(strict.shakeHands().client)?.alert == 70)
    let lenient = Wire(client: try TLSContext(client: ClientOptions(allowsLegacy: true)), server: server)
    #expect(lenient.shakeHands().client == .done)
    #expect(lenient.client.version == "TLSv1")
  }

  @Test func `a client certificate that TLS 1_2 requires is missed in the handshake`() throws {
    let server = try TLSContext(
      server: ServerOptions(
        identity: Lab.shared.good, maxVersion: .tls12, requiresClientCertificate: true,
        clientAuthority: Lab.shared.root.certificate))
    let wire = Wire(client: try TLSContext(client: ClientOptions()), server: server)
    let broken = try #require(fault(wire.shakeHands().client))
    #expect(broken.alert == 40 && broken.clientCertificateRequested && !broken.isAfterHandshake)
  }

  @Test func `a client certificate that TLS 1_3 requires is missed after the handshake`() throws {
    let server = try TLSContext(
      server: ServerOptions(
        identity: Lab.shared.good, requiresClientCertificate: true,
        clientAuthority: Lab.shared.root.certificate))
    let wire = Wire(client: try TLSContext(client: ClientOptions()), server: server)
    #expect(wire.shakeHands().client == .done)
    let broken = try #require(fault(drain(wire.client).end))
    #expect(broken.alert == 116 && broken.code == 0x0A00_045C)
    #expect(broken.clientCertificateRequested && broken.isAfterHandshake)
  }

  @Test func `a server that asks for nothing is not said to`() throws {
    let wire = Wire(client: try TLSContext(client: ClientOptions()), server: try Lab.shared.server())
    _ = wire.shakeHands()
    #expect(!wire.client.clientCertificateRequested)
  }
}
