import Base
import Glibc
import Testing

@testable import Loop

/// What a peer does with its end of a connection.
private enum Move: CaseIterable {
  case byte
  /// As much as is read at once.
  case bufferful
  /// Two bytes, the second of which is urgent (tcp(7)).
  case urgent
  case finish
  case reset

  var bytes: [UInt8] {
    switch self {
    case .byte: [1]
    case .bufferful: [UInt8](repeating: 2, count: ReceiveBuffer.capacity)
    case .urgent: [3, 4]
    case .finish, .reset: []
    }
  }

  func make(with descriptor: Int32) {
    switch self {
    case .byte, .bufferful, .urgent:
      let flags = self == .urgent ? Int32(MSG_OOB) : 0
      #expect(unsafe send(descriptor, bytes, bytes.count, flags) == bytes.count)
    case .finish: shutdown(descriptor, Int32(SHUT_WR))
    case .reset:
      // A connection that is dissolved while it stands ends with RST (connect(2)).
      var nowhere = sockaddr(
        sa_family: sa_family_t(AF_UNSPEC), sa_data: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
      #expect(unsafe connect(descriptor, &nowhere, socklen_t(MemoryLayout<sockaddr>.size)) == 0)
    }
  }

  /// Everything that a peer may say in so many moves at most.
  static func words(upTo count: Int) -> [[Move]] {
    guard count > 0 else { return [[]] }
    let shorter = words(upTo: count - 1)
    let said: [Move] = [.byte, .bufferful, .urgent]
    return [[]] + shorter.flatMap { word in said.map { [$0] + word } }
  }
}

/// A reader learns of all that a peer does, in whatever order, and never waits until its deadline.
@Suite(.timeLimit(.minutes(20))) struct PeerMovesTests {
  private struct Story {
    var bytes: [UInt8] = []
    var end: Result<Received, ReceiveInterruption>?
  }

  /// All that a reader hears.
  private static func hear(_ client: borrowing Socket, on loop: isolated EventLoop) async -> Story {
    var story = Story()
    while story.end == nil {
      let buffer = loop.receiveBuffer
      switch await client.receive(into: buffer, until: .now().advanced(by: .seconds(60)), on: loop) {
      case .success(.bytes(let count, _)): story.bytes += unsafe Array(buffer.memory[..<count])
      case let end: story.end = end
      }
    }
    return story
  }

  @Test(arguments: [false, true], [Move.finish, .reset])
  fileprivate func `nothing that a peer does is missed`(isAllThere: Bool, end: Move) throws {
    for word in Move.words(upTo: 3) {
      let moves = word + [end]
      let story = try onLoop { loop in
        let pair = try await connectedPair(on: loop)
        let peer = pair.server.descriptor.rawValue
        if isAllThere {
          for move in moves { move.make(with: peer) }
          #expect(await loop.sleep(until: past), "a turn, in which the loop learns of it all")
        } else {
          for (place, move) in moves.enumerated() {
            _ = loop.schedule(at: .now().advanced(by: .milliseconds(1 + place))) { _, _ in
              move.make(with: peer)
            }
          }
        }
        return await Self.hear(pair.client, on: loop)
      }
      let said = moves.flatMap(\.bytes)
      #expect(story.end == .success(end == .finish ? Received.endOfStream : .reset), "\(moves)")
      #expect(end == .finish ? story.bytes == said : said.starts(with: story.bytes), "\(moves)")
    }
  }

  @Test func `bytes behind an urgent one that are there already do not wait for more`() throws {
    try onLoop { loop in
      let pair = try await connectedPair(on: loop)
      for move in [Move.byte, .urgent, .byte] { move.make(with: pair.server.descriptor.rawValue) }
      #expect(await loop.sleep(until: past), "a turn, in which the loop learns of it all")
      var heard: [UInt8] = []
      while heard.count < 4 {
        let received = await pair.client.receive(into: loop.receiveBuffer, until: soon(), on: loop)
        guard case .success(.bytes(let count, _)) = received else {
          Issue.record("\(heard), then \(received)")
          return
        }
        heard += unsafe Array(loop.receiveBuffer.memory[..<count])
      }
      #expect(heard == [1, 3, 4, 1])
    }
  }

  @Test func `who writes to a peer that reads nothing learns of its reset at once`() throws {
    try onLoop { loop in
      let pair = try await connectedPair(on: loop)
      let peer = pair.server.descriptor.rawValue
      Move.byte.make(with: peer)
      _ = loop.schedule(at: .now().advanced(by: .milliseconds(20))) { _, _ in Move.reset.make(with: peer) }
      let before = MonotonicInstant.now()
      await #expect(throws: SendError.reset) {
        try await pair.client.send([UInt8](repeating: 0, count: 1 << 24), until: soon(), on: loop)
      }
      #expect(before.duration(to: .now()) < .seconds(30))
    }
  }

  @Test func `a peer that has ended its half still takes what is written, however late it reads`() throws {
    try onLoop { loop in
      let pair = try await connectedPair(on: loop)
      Move.byte.make(with: pair.server.descriptor.rawValue)
      pair.server.shutdownWrite()
      let size = 1 << 22
      let reader = pair.server.descriptor.rawValue
      _ = loop.schedule(at: .now().advanced(by: .milliseconds(20))) { _, loop in drain(reader, size, on: loop)
      }
      try await pair.client.send([UInt8](repeating: 0, count: size), until: soon(), on: loop)
      let story = await Self.hear(pair.client, on: loop)
      #expect(story.bytes == [1] && story.end == .success(.endOfStream))
    }
  }
}

/// Reads so many bytes from a descriptor, bit by bit.
private func drain(_ descriptor: Int32, _ left: Int, on loop: isolated EventLoop) {
  var room = [UInt8](repeating: 0, count: 65_536)
  let count = unsafe recv(descriptor, &room, room.count, 0)
  guard left > max(0, count) else { return }
  _ = loop.schedule(at: .now().advanced(by: .microseconds(100))) { _, loop in
    drain(descriptor, left - max(0, count), on: loop)
  }
}
