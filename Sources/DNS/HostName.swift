import Glibc

/// What this host is called.
package enum HostName {
  /// This host's name with its domain, in lower case, as the kernel or the hosts file has it; nil where neither
  /// does. Nobody is asked over the network.
  package static func fullyQualified() -> String? { fullyQualified(kernelName(), in: HostsFile()) }

  static func fullyQualified(_ name: String, in hosts: HostsFile) -> String? {
    let name = name.lowercased()
    return name.contains(".") ? name : hosts.fullName(of: name)
  }

  private static func kernelName() -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let start = buffer.baseAddress, unsafe gethostname(start, 255) == 0 else { return "" }
      unsafe buffer[255] = 0
      return unsafe String(cString: start)
    }
  }
}
