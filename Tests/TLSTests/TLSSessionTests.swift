import Model
import TLS
import Testing

struct TLSSessionTests {
  @Test(arguments: [TLSVersion.tls12, .tls13], [1, 2, 3, 5, 7, 100, 1000, .max])
  func `a session carries data both ways however the stream is cut`(version: TLSVersion, chunk: Int) throws {
    let client = try TLSContext(client: ClientOptions(minVersion: version, maxVersion: version))
    let wire = Wire(client: client, server: try Lab.shared.server(), chunk: chunk)
    let (ours, theirs) = wire.shakeHands()
    #expect(ours == .done && theirs == .done)
    #expect(wire.client.version == (version == .tls12 ? "TLSv1.2" : "TLSv1.3"))
    #expect(wire.client.cipher == wire.server.cipher && !wire.client.cipher.isEmpty)

    try wire.server.write(Array("220 mail.example.test ESMTP\r\n".utf8))
    try wire.client.write(Array("EHLO monitor.example.test\r\n".utf8))
    while wire.carry() {}
    #expect(drain(wire.client) == ("220 mail.example.test ESMTP\r\n", .wantsBytes))
    #expect(drain(wire.server) == ("EHLO monitor.example.test\r\n", .wantsBytes))
  }

  @Test func `a large message arrives whole`() throws {
    let wire = Wire(client: try TLSContext(client: ClientOptions()), server: try Lab.shared.server())
    _ = wire.shakeHands()
    let message = String(repeating: "0123456789abcdef", count: 10_000)
    try wire.client.write(Array(message.utf8))
    wire.carry()
    #expect(drain(wire.server).text == message)
  }

  @Test func `plaintext that came with the end of the handshake is read without further bytes`() throws {
    let wire = Wire(client: try TLSContext(client: ClientOptions()), server: try Lab.shared.server())
    var flight: [UInt8] = []
    _ = wire.client.handshake()
    wire.client.takeOutgoing(&flight)
    wire.server.receive(flight)
    _ = wire.server.handshake()
    flight = []
    wire.server.takeOutgoing(&flight)
    wire.client.receive(flight)
    #expect(wire.client.handshake() == .done)
    flight = []
    wire.client.takeOutgoing(&flight)
    wire.server.receive(flight)
    #expect(wire.server.handshake() == .done)
    try wire.server.write(Array("220 m\r\n".utf8))
    flight = []
    wire.server.takeOutgoing(&flight)
    wire.client.receive(flight)
    #expect(drain(wire.client).text == "220 m\r\n")
  }

  @Test func `nothing waits to be sent after it was taken`() throws {
    let session = TLSSession(client: try TLSContext(client: ClientOptions()), serverName: nil)
    #expect(session.handshake() == .wantsBytes)
    var flight: [UInt8] = [1, 2]
    #expect(session.takeOutgoing(&flight) == flight.count - 2)
    #expect(flight.starts(with: [1, 2, 22, 3, 1]))
    #expect(session.takeOutgoing(&flight) == 0)
  }

  @Test(arguments: [
    ("mail.example.test", "mail.example.test"), ("mail.example.test.", "mail.example.test"),
    ("192.0.2.1", nil), ("2001:db8::1", nil), (".", nil), (nil, nil),
    (String(repeating: "a", count: 300), nil),
  ])
  func `names go into the ClientHello, addresses do not`(name: String?, heard: String?) throws {
    let wire = Wire(
      client: try TLSContext(client: ClientOptions()), server: try Lab.shared.server(), name: name)
    #expect(wire.shakeHands().client == .done)
    #expect(wire.server.requestedServerName == heard)
  }

  @Test(arguments: [TLSVersion.tls12, .tls13])
  func `close_notify is told apart from an end without it`(version: TLSVersion) throws {
    let client = try TLSContext(client: ClientOptions(maxVersion: version))
    let polite = Wire(client: client, server: try Lab.shared.server())
    _ = polite.shakeHands()
    try polite.server.write(Array("221 bye\r\n".utf8))
    polite.server.close()
    polite.carry()
    let farewell = drain(polite.client)
    #expect(farewell.text == "221 bye\r\n")
    guard case .closed(let closed) = farewell.end else {
      Issue.record("not closed: \(farewell.end)")
      return
    }
    #expect(closed.kind == .closeNotify && closed.isAfterHandshake && closed.code == 0)
    try polite.client.write([1])
    polite.client.close()
    #expect(polite.carry())

    let rude = Wire(client: client, server: try Lab.shared.server())
    _ = rude.shakeHands()
    rude.carry()
    rude.client.endOfStream()
    let end = fault(drain(rude.client).end)
    #expect(end?.kind == .endOfStream && end?.code == 0x0A00_0126 && end?.isAfterHandshake == true)
  }

  @Test func `a broken session stays broken and says no farewell`() throws {
    let session = TLSSession(client: try TLSContext(client: ClientOptions()), serverName: nil)
    _ = session.handshake()
    var flight: [UInt8] = []
    session.takeOutgoing(&flight)
    session.receive(Array("220 mail.example.test ESMTP\r\n".utf8))
    let first = session.handshake()
    #expect(fault(first)?.code == 0x0A00_010B)
    #expect(session.handshake() == first)
    session.takeOutgoing(&flight)
    session.close()
    #expect(session.takeOutgoing(&flight) == 0)
    #expect(session.version.isEmpty && session.cipher.isEmpty)
  }

  @Test func `nothing is resumed`() throws {
    let client = try TLSContext(client: ClientOptions(maxVersion: .tls12))
    let server = try Lab.shared.server()
    for _ in 0..<2 {
      let wire = Wire(client: client, server: server)
      #expect(wire.shakeHands().client == .done)
      // A resumed session shows no chain.
      let facts = CertificateJudge().judge(
        wire.client, trust: Lab.shared.trust, name: "mail.example.test", at: present)
      #expect(facts.certificate?.chainLength == 2)
    }
  }
}
