import Glibc
import Loop
import Testing

@testable import DNS

struct HostsFileTests {
  @Test func `names are found in any case, comments and broken lines passed over`() throws {
    let file = try TemporaryFile(
      "# comment\n127.0.0.1\tlocalhost\n\nnonsense here\n192.0.2.1 One.Example one#two\n192.0.2.2 one.example\n"
    )
    let hosts = HostsFile(path: file.path)
    #expect(hosts.addresses(of: "one.example").map(\.text) == ["192.0.2.1", "192.0.2.2"])
    #expect(hosts.addresses(of: "one").map(\.text) == ["192.0.2.1"])
    #expect(hosts.addresses(of: "two").isEmpty && hosts.addresses(of: "here").isEmpty)
  }

  @Test func `a changed file is read again, a missing one is empty`() throws {
    let file = try TemporaryFile("192.0.2.1 one.example\n")
    let hosts = HostsFile(path: file.path)
    #expect(hosts.addresses(of: "one.example").count == 1)
    try file.write("192.0.2.1 another.example\n")
    #expect(hosts.addresses(of: "one.example").isEmpty)
    #expect(HostsFile(path: "/nonexistent/hosts").addresses(of: "localhost").isEmpty)
  }

  @Test func `a file that cannot be read says what it last said`() throws {
    let file = try TemporaryFile("192.0.2.1 one.example\n")
    let hosts = HostsFile(path: file.path)
    #expect(hosts.addresses(of: "one.example").count == 1)
    // Nobody can read a directory, not even root.
    #expect(unlink(file.path) == 0 && mkdir(file.path, 0o700) == 0)
    #expect(hosts.addresses(of: "one.example").count == 1)
    #expect(rmdir(file.path) == 0)
    #expect(hosts.addresses(of: "one.example").isEmpty)
  }

  @Test func `a short name of this host is completed from the file`() throws {
    let file = try TemporaryFile("127.0.1.1 Monitor.Example.NET monitor\n127.0.0.1 plain\n")
    let hosts = HostsFile(path: file.path)
    #expect(HostName.fullyQualified("monitor", in: hosts) == "monitor.example.net")
    #expect(HostName.fullyQualified("plain", in: hosts) == nil)
    #expect(HostName.fullyQualified("A.B.example", in: hosts) == "a.b.example")
  }
}

struct AddressOrderTests {
  private let four = ["192.0.2.1", "192.0.2.2"].compactMap { SocketAddress(literal: $0) }
  private let six = ["2001:db8::1", "2001:db8::2"].compactMap { SocketAddress(literal: $0) }

  @Test(arguments: [
    ("2001:db8::99", "198.51.100.1", "IPv6 first"), (nil, "198.51.100.1", "IPv4 first"),
    ("2001:db8::99", nil, "IPv6 first"), (nil, nil, "IPv6 first"),
    ("fd00::9", "198.51.100.1", "IPv4 first"), ("fe80::9", "198.51.100.1", "IPv4 first"),
    ("fd00::9", nil, "IPv6 first"),
  ])
  func `the family with a fitting address of ours comes first, and they take turns`(
    ourSix: String?, ourFour: String?, expected: String
  ) {
    let result = ordered(four + six) { remote in
      (remote.family == .ipv6 ? ourSix : ourFour).flatMap { SocketAddress(literal: $0) }
    }
    let sixFirst = [six[0], four[0], six[1], four[1]]
    let fourFirst = [four[0], six[0], four[1], six[1]]
    #expect(result == (expected == "IPv6 first" ? sixFirst : fourFirst))
  }

  @Test func `the kernel knows the way to this host`() {
    #expect(SocketAddress.loopback(.ipv4).localAddressOfRoute?.isLoopback == true)
    #expect(SocketAddress.loopback(.ipv6).localAddressOfRoute?.isLoopback == true)
  }
}
