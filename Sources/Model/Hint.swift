/// What a detail points to: a closed list that appears in evidence only, never as a label.
package enum Hint: String, CaseIterable, Sendable {
  case implicitTlsHere = "implicit_tls_here"
  case plaintextHere = "plaintext_here"
  case sibling25 = "sibling_25"
  case sibling465 = "sibling_465"
  case sibling587 = "sibling_587"
  case sibling2525 = "sibling_2525"
  case listenerWedged = "listener_wedged"
  case proxyProtocol = "proxy_protocol"
  case maybeBanned = "maybe_banned"
  case selfInflicted = "self_inflicted"
  case clockSkew = "clock_skew"
  case sni
  case pmtu
  case hijacked
  case providerRule = "provider_rule"
  case dnsTypo = "dns_typo"
  case portTypo = "port_typo"
  case relayDenied = "relay_denied"
  case mailboxFull = "mailbox_full"
  case tooBig = "too_big"
  case storageFull = "storage_full"
  case legacyTls = "legacy_tls"
  case idleTimeoutInClear = "idle_timeout_in_clear"
  case fleetWide = "fleet_wide"
}
