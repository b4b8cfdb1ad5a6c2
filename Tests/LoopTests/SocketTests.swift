import Base
import Glibc
import Testing

@testable import Loop

struct SocketTests {
  @Test(arguments: SocketAddress.Family.allCases)
  func `both ends of a connection know each other`(family: SocketAddress.Family) throws {
    try onLoop { loop in
      let pair = try await connectedPair(family, on: loop)
      let client = (local: pair.client.local, remote: pair.client.remote, at: pair.client.connectedAt)
      let server = (local: pair.server.local, remote: pair.server.remote)
      #expect(client.remote == server.local)
      #expect(client.local == server.remote)
      #expect(client.local?.family == family)
      #expect(client.at <= .now())
    }
  }

  @Test func `a connection that nobody looked at for a while stood when the kernel says`() throws {
    try onLoop { loop in
      let listener = try Listener(on: .loopback())
      // Runs when the connect waits, before the loop looks for events again.
      let pause = Task(executorPreference: loop.executor) {
        let start = MonotonicInstant.now()
        while start.duration(to: .now()) < .milliseconds(200) {}
        return start
      }
      let client = try await Socket.connect(to: listener.address, until: soon(), on: loop)
      let start = await pause.value
      #expect(start.duration(to: .now()) >= .milliseconds(200))
      // The two clocks are read one after the other, so that the conversion may be off by a little.
      #expect(start.duration(to: client.connectedAt) < .milliseconds(100))
    }
  }

  @Test func `a connection starts at the source address asked for`() throws {
    try onLoop { loop in
      let listener = try Listener(on: .loopback())
      let source = try #require(SocketAddress(literal: "127.0.0.2"))
      let client = try await Socket.connect(to: listener.address, from: source, until: soon(), on: loop)
      let local = client.local
      #expect(local?.text == "127.0.0.2")
    }
  }

  @Test func `a source address that this host does not have is local trouble`() throws {
    try onLoop { loop in
      let listener = try Listener(on: .loopback())
      let source = try #require(SocketAddress(literal: "192.0.2.77"))
      let error = await #expect(throws: ConnectError.self) {
        try await connect(to: listener.address, from: source, on: loop)
      }
      #expect(error == .local(SystemError("bind", code: EADDRNOTAVAIL)))
    }
  }

  @Test func `the end of a stream that came along with the last bytes is not missed`() throws {
    try onLoop { loop in
      let pair = try await connectedPair(on: loop)
      try sendByte(through: pair.server)
      pair.server.shutdownWrite()
      // Both are there before anybody waits: the kernel tells of them once.
      #expect(await loop.sleep(until: .now().advanced(by: .milliseconds(3))))
      let bytes = await pair.client.receive(into: loop.receiveBuffer, until: soon(), on: loop)
      guard case .success(.bytes(1, _)) = bytes else {
        Issue.record("\(bytes)")
        return
      }
      let end = await pair.client.receive(into: loop.receiveBuffer, until: soon(), on: loop)
      #expect(end == .success(.endOfStream))
    }
  }

  @Test func `more than the buffer takes comes in pieces, to the end`() throws {
    try onLoop { loop in
      let pair = try await connectedPair(on: loop)
      let size = 5 * ReceiveBuffer.capacity / 2
      try await pair.server.send([UInt8](repeating: 7, count: size), until: soon(), on: loop)
      pair.server.shutdownWrite()
      var count = 0
      while case .success(.bytes(let more, _)) = await pair.client.receive(
        into: loop.receiveBuffer, until: soon(), on: loop)
      {
        count += more
      }
      #expect(count == size)
    }
  }

  @Test func `bytes that were taken before a wait do not end it`() throws {
    try onLoop { loop in
      let pair = try await connectedPair(on: loop)
      try sendByte(through: pair.server)
      #expect(await loop.sleep(until: .now().advanced(by: .milliseconds(3))))
      guard case .bytes(1, _) = pair.client.receive(into: loop.receiveBuffer, on: loop) else {
        Issue.record("nothing to read")
        return
      }
      let deadline = MonotonicInstant.now().advanced(by: .milliseconds(3))
      let nothing = await pair.client.receive(into: loop.receiveBuffer, until: deadline, on: loop)
      #expect(nothing == .failure(.timedOut))
      try sendByte(through: pair.server)
      let more = await pair.client.receive(into: loop.receiveBuffer, until: soon(), on: loop)
      guard case .success(.bytes(1, _)) = more else {
        Issue.record("\(more)")
        return
      }
    }
  }

  @Test(arguments: SocketAddress.Family.allCases)
  func `a port where nobody listens is refused`(family: SocketAddress.Family) throws {
    try onLoop { loop in
      let free = try Listener(on: .loopback(family)).address
      let error = await #expect(throws: ConnectError.self) { try await connect(to: free, on: loop) }
      #expect(error == .system(SystemError("connect", code: ECONNREFUSED)))
    }
  }

  @Test func `a listener with a full backlog lets a connect time out`() throws {
    try onLoop { loop in
      let listener = try Listener(on: .loopback(), backlog: 0)
      let address = listener.address
      let first = try await Socket.connect(to: address, until: soon(), on: loop)
      let deadline = MonotonicInstant.now().advanced(by: .milliseconds(30))
      let error = await #expect(throws: ConnectError.self) {
        try await connect(to: listener.address, until: deadline, on: loop)
      }
      #expect(error == .timedOut)
      let remote = first.remote
      #expect(remote == address)
    }
  }

  @Test func `received bytes carry the moment they arrived, not the moment they were read`() throws {
    try onLoop { loop in
      let pair = try await connectedPair(on: loop)
      let pause = Duration.milliseconds(10)
      // The kernel begins to stamp in the background: the first bytes may have come too early for that.
      for _ in 0..<100 {
        let before = MonotonicInstant.now()
        try await pair.server.send(Array("220 ready\r\n".utf8), until: soon(), on: loop)
        #expect(await loop.sleep(until: .now().advanced(by: pause)))
        guard case .bytes(11, let arrival) = pair.client.receive(into: loop.receiveBuffer, on: loop) else {
          Issue.record("nothing received")
          return
        }
        #expect(loop.receiveBuffer.bytes == Array("220 ready\r\n".utf8))
        #expect(loop.receiveBuffer.withBytes { $0.count } == 11)
        // The two clocks are read one after the other, so that the conversion may be off by a little.
        #expect(arrival >= before.advanced(by: .zero - pause))
        if arrival <= MonotonicInstant.now().advanced(by: .zero - pause) { return }
      }
      Issue.record("a hundred times the moment of reading")
    }
  }

  @Test func `an impossible stamp counts as none`() {
    let now = MonotonicInstant(nanoseconds: 5_000_000_000)
    let wall: Int64 = 1_700_000_000_000_000_000
    func arrival(_ stamp: Int64) -> MonotonicInstant {
      Socket.arrival(stampedAt: stamp, now: now, wallClock: wall)
    }
    #expect(arrival(0) == now)
    #expect(arrival(wall + 1) == now)
    #expect(arrival(wall - 3_600_000_000_000) == now)
    #expect(arrival(wall - 250) == MonotonicInstant(nanoseconds: now.nanoseconds - 250))
  }

  @Test func `nothing to read, the end of the stream and a reset are told apart, and a reset is no signal`()
    throws
  {
    try onLoop { loop in
      let buffer = ReceiveBuffer()
      let pair = try await connectedPair(on: loop)
      let nothing = pair.client.receive(into: buffer, on: loop)
      #expect(nothing == .wouldBlock)
      pair.server.shutdownWrite()
      let end = await pair.client.receive(into: buffer, until: soon(), on: loop)
      #expect(end == .success(.endOfStream))

      let other = try await connectedPair(on: loop)
      try await breakOff(other, on: loop)
    }
  }

  @Test func `a wait for bytes ends at its deadline`() throws {
    try onLoop { loop in
      let pair = try await connectedPair(on: loop)
      let outcome = await pair.client.receive(into: loop.receiveBuffer, until: past, on: loop)
      #expect(outcome == .failure(.timedOut))
    }
  }

  @Test func `a peer that does not read makes sending time out, and the bytes count as unsent`() throws {
    try onLoop { loop in
      let pair = try await connectedPair(on: loop)
      let flood = [UInt8](repeating: 120, count: 16 << 20)
      let deadline = MonotonicInstant.now().advanced(by: .milliseconds(30))
      let error = await #expect(throws: SendError.self) {
        try await send(flood, through: pair.client, until: deadline, on: loop)
      }
      #expect(error == .timedOut)
      let unsent = pair.client.unsentBytes
      #expect(try #require(unsent) > 0)
    }
  }

  @Test func `bytes arrive as they were sent, however many`() throws {
    try onLoop { loop in
      let sent = (0..<(1 << 19)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
      var received: [UInt8] = []
      let listener = try Listener(on: .loopback())
      let address = listener.address
      async let sending: Void = sendAll(sent, to: address, on: loop)
      let peer = try await listener.accept(until: soon(), on: loop).get()
      while case .success(.bytes) = await peer.receive(into: loop.receiveBuffer, until: soon(), on: loop) {
        received += loop.receiveBuffer.bytes
      }
      try await sending
      #expect(received == sent)
    }
  }

  @Test func `a listener on port 0 says which port it got, and refuses to share it`() throws {
    let listener = try Listener(on: .loopback())
    #expect(listener.address.port != 0)
    let taken = listener.address
    #expect(throws: SystemError("bind", code: EADDRINUSE)) { _ = try Listener(on: taken) }
  }

  @Test func `nobody connecting lets accept time out`() throws {
    try onLoop { loop in
      let listener = try Listener(on: .loopback())
      switch await listener.accept(until: past, on: loop) {
      case .success: Issue.record("somebody connected")
      case .failure(let error): #expect(error == .timedOut)
      }
    }
  }
}

private func connect(
  to address: SocketAddress, from source: SocketAddress? = nil, until deadline: MonotonicInstant = soon(),
  on loop: isolated EventLoop
) async throws(ConnectError) {
  _ = try await Socket.connect(to: address, from: source, until: deadline, on: loop)
}

private func send(
  _ bytes: [UInt8], through socket: borrowing Socket, until deadline: MonotonicInstant,
  on loop: isolated EventLoop
) async throws(SendError) {
  try await socket.send(bytes, until: deadline, on: loop)
}

private func sendAll(_ bytes: [UInt8], to address: SocketAddress, on loop: isolated EventLoop) async throws {
  let socket = try await Socket.connect(to: address, until: soon(), on: loop)
  try await socket.send(bytes, until: soon(), on: loop)
}

/// Resets a connection and looks at what its other end sees.
private func breakOff(_ pair: consuming Pair, on loop: isolated EventLoop) async throws {
  let client = pair.abortServer()
  let seen = await client.receive(into: loop.receiveBuffer, until: soon(), on: loop)
  #expect(seen == .success(.reset))
  let sent = client.sendNow([1].span)
  #expect(sent == .failed(.reset))
}

extension Pair {
  fileprivate consuming func abortServer() -> Socket {
    server.abort()
    return client
  }
}
