import Loop

/// The order in which to try a host's addresses: RFC 6724 as far as it decides between the families, and
/// those in turns (RFC 8305 section 4), each in the order of the answer.
func ordered(
  _ addresses: [SocketAddress], localAddress: (SocketAddress) -> SocketAddress? = \.localAddressOfRoute
) -> [SocketAddress] {
  let six = addresses.filter { $0.family == .ipv6 }
  let four = addresses.filter { $0.family == .ipv4 }
  guard let firstSix = six.first, let firstFour = four.first else { return addresses }
  let isSixFirst = suits(localAddress(firstSix), firstSix) || localAddress(firstFour) == nil
  let (first, second) = isSixFirst ? (six, four) : (four, six)
  return (0..<max(first.count, second.count)).flatMap { index in
    [first, second].compactMap { index < $0.count ? $0[index] : nil }
  }
}

/// Whether an IPv6 address of ours can be expected to reach another: one of a site's own or of a link does not
/// reach the world (RFC 6724 rules 2 and 5).
private func suits(_ local: SocketAddress?, _ remote: SocketAddress) -> Bool {
  guard let local else { return false }
  return local.isUniqueLocal == remote.isUniqueLocal && local.isLinkLocal == remote.isLinkLocal
}
