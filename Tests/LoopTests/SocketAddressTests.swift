import Glibc
import Testing

@testable import Loop

struct SocketAddressTests {
  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
    ("::1", "::1"), ("::", "::"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
    ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("fe80::1%lo", "fe80::1%lo"), ("fe80::1%1", "fe80::1%lo"),
  ])
  func `a literal is read and written in its usual form`(literal: String, text: String) throws {
    let address = try #require(SocketAddress(literal: literal, port: 25))
    #expect(address.text == text)
    #expect(address.port == 25)
    let copy = try #require(unsafe address.withSockaddr { pointer, _ in unsafe SocketAddress(pointer) })
    #expect(copy == address)
  }

  @Test(arguments: [
    "", "localhost", "127.1", "1.2.3.4.5", "256.0.0.1", "01.2.3.4 ", "[::1]", ":::", "fe80::1%",
    "fe80::1%nosuchlink", "1.2.3.4%lo", "2001:db8::1::2",
  ])
  func `what is no literal is not read`(text: String) {
    #expect(SocketAddress(literal: text) == nil)
  }

  @Test func `a port stands behind the address, which it cannot be mistaken for`() {
    #expect(SocketAddress.loopback(.ipv4, port: 25).description == "127.0.0.1:25")
    #expect(SocketAddress.loopback(.ipv6, port: 25).description == "[::1]:25")
  }

  @Test func `addresses know where they lead`() throws {
    func address(_ text: String) throws -> SocketAddress { try #require(SocketAddress(literal: text)) }
    #expect(try address("127.9.9.9").isLoopback && address("::1").isLoopback)
    #expect(try address("::ffff:127.0.0.1").isLoopback)
    #expect(try !address("128.0.0.1").isLoopback && !address("::2").isLoopback)
    #expect(try address("fd00::2").isUniqueLocal && !address("2001:db8::1").isUniqueLocal)
    #expect(try address("fe80::1").isLinkLocal && !address("fd00::2").isLinkLocal)
  }

  @Test func `an error of the system is a sentence with its name`() {
    let error = SystemError("connect", code: ECONNREFUSED)
    #expect(error.description == "connect: Connection refused (ECONNREFUSED)")
    #expect(SystemError("x", code: 9999).description == "x: Unknown error (errno 9999)")
  }
}
