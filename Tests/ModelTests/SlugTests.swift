import Model
import Testing

@Test
func `Reasons are the closed list, in its order`() {
  let list = """
    ok config_invalid config_mode_port_conflict config_credentials config_tls_material local_error
    dns_not_found dns_no_address dns_failure connect_refused connect_timeout connect_unreachable
    egress_blocked wrong_port ip_family_broken banner_timeout port_expects_tls port_speaks_plaintext
    not_smtp banner_rejected blocklisted server_busy rate_limited reply_timeout conn_closed bad_reply
    command_rejected ehlo_rejected starttls_not_offered starttls_stripped starttls_refused
    starttls_injection tls_version tls_rejected tls_weak_peer tls_sni tls_client_cert tls_corrupt
    tls_intercepted cert_expired cert_not_yet_valid cert_self_signed cert_untrusted
    cert_chain_incomplete cert_name_mismatch cert_revoked cert_unusable dane_mismatch policy_violation
    auth_not_offered auth_needs_tls auth_mechanism auth_rejected auth_app_password auth_disabled
    auth_token auth_temporary auth_required sender_rejected recipient_rejected message_rejected
    auth_server_unverified expectation_failed local_network_down slow cert_expiring
    recovered_on_retry greylisted
    """
  let slugs = list.split { $0 == " " || $0 == "\n" }.map(String.init)
  #expect(Reason.allCases.map(\.slug) == slugs)
  #expect(Reason.allCases.map(\.rawValue) == (0...67).map(UInt8.init))
  #expect(slugs.map { Reason(slug: $0) } == Reason.allCases)
  #expect(Reason(slug: "portSpeaksPlaintext") == nil)
}

@Test
func `Stages are the closed list, in the order of a conversation`() {
  let slugs = [
    "config", "dns", "connect", "tls", "banner", "ehlo", "starttls", "auth", "mail", "rcpt", "data",
    "message",
    "quit", "policy", "internal",
  ]
  #expect(Stage.allCases.map(\.slug) == slugs)
  #expect(slugs.map { Stage(slug: $0) } == Stage.allCases)
  #expect(Stage(slug: "rset") == nil)
}

@Test
func `Phases are the closed list, numbered from 0`() {
  let slugs = [
    "dns", "connect", "tls", "banner", "ehlo", "starttls", "ehlo_tls", "auth", "mail", "rcpt", "rset", "data",
    "message", "quit",
  ]
  #expect(Phase.allCases.map(\.slug) == slugs)
  #expect(Phase.allCases.map(\.rawValue) == slugs.indices.map(UInt8.init))
}
