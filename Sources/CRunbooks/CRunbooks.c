/* The runbooks of deploy/runbooks/reasons, in the program itself: a page that is read at night must not hang on
   another server. Tests/check-runbooks.py checks that none is missing here. */
#include "CRunbooks.h"

#include <stddef.h>
#include <string.h>

#pragma clang diagnostic ignored "-Wc23-extensions"

#define RUNBOOK(name) if (strcmp(reason, #name) == 0) return name

static const char auth_app_password[] = {
#embed "../../deploy/runbooks/reasons/auth_app_password.md"
, 0};
static const char auth_disabled[] = {
#embed "../../deploy/runbooks/reasons/auth_disabled.md"
, 0};
static const char auth_mechanism[] = {
#embed "../../deploy/runbooks/reasons/auth_mechanism.md"
, 0};
static const char auth_needs_tls[] = {
#embed "../../deploy/runbooks/reasons/auth_needs_tls.md"
, 0};
static const char auth_not_offered[] = {
#embed "../../deploy/runbooks/reasons/auth_not_offered.md"
, 0};
static const char auth_rejected[] = {
#embed "../../deploy/runbooks/reasons/auth_rejected.md"
, 0};
static const char auth_required[] = {
#embed "../../deploy/runbooks/reasons/auth_required.md"
, 0};
static const char auth_server_unverified[] = {
#embed "../../deploy/runbooks/reasons/auth_server_unverified.md"
, 0};
static const char auth_temporary[] = {
#embed "../../deploy/runbooks/reasons/auth_temporary.md"
, 0};
static const char auth_token[] = {
#embed "../../deploy/runbooks/reasons/auth_token.md"
, 0};
static const char bad_reply[] = {
#embed "../../deploy/runbooks/reasons/bad_reply.md"
, 0};
static const char banner_rejected[] = {
#embed "../../deploy/runbooks/reasons/banner_rejected.md"
, 0};
static const char banner_timeout[] = {
#embed "../../deploy/runbooks/reasons/banner_timeout.md"
, 0};
static const char blocklisted[] = {
#embed "../../deploy/runbooks/reasons/blocklisted.md"
, 0};
static const char cert_chain_incomplete[] = {
#embed "../../deploy/runbooks/reasons/cert_chain_incomplete.md"
, 0};
static const char cert_expired[] = {
#embed "../../deploy/runbooks/reasons/cert_expired.md"
, 0};
static const char cert_expiring[] = {
#embed "../../deploy/runbooks/reasons/cert_expiring.md"
, 0};
static const char cert_name_mismatch[] = {
#embed "../../deploy/runbooks/reasons/cert_name_mismatch.md"
, 0};
static const char cert_not_yet_valid[] = {
#embed "../../deploy/runbooks/reasons/cert_not_yet_valid.md"
, 0};
static const char cert_revoked[] = {
#embed "../../deploy/runbooks/reasons/cert_revoked.md"
, 0};
static const char cert_self_signed[] = {
#embed "../../deploy/runbooks/reasons/cert_self_signed.md"
, 0};
static const char cert_untrusted[] = {
#embed "../../deploy/runbooks/reasons/cert_untrusted.md"
, 0};
static const char cert_unusable[] = {
#embed "../../deploy/runbooks/reasons/cert_unusable.md"
, 0};
static const char command_rejected[] = {
#embed "../../deploy/runbooks/reasons/command_rejected.md"
, 0};
static const char config_credentials[] = {
#embed "../../deploy/runbooks/reasons/config_credentials.md"
, 0};
static const char config_invalid[] = {
#embed "../../deploy/runbooks/reasons/config_invalid.md"
, 0};
static const char config_mode_port_conflict[] = {
#embed "../../deploy/runbooks/reasons/config_mode_port_conflict.md"
, 0};
static const char config_tls_material[] = {
#embed "../../deploy/runbooks/reasons/config_tls_material.md"
, 0};
static const char conn_closed[] = {
#embed "../../deploy/runbooks/reasons/conn_closed.md"
, 0};
static const char connect_refused[] = {
#embed "../../deploy/runbooks/reasons/connect_refused.md"
, 0};
static const char connect_timeout[] = {
#embed "../../deploy/runbooks/reasons/connect_timeout.md"
, 0};
static const char connect_unreachable[] = {
#embed "../../deploy/runbooks/reasons/connect_unreachable.md"
, 0};
static const char dane_mismatch[] = {
#embed "../../deploy/runbooks/reasons/dane_mismatch.md"
, 0};
static const char dns_failure[] = {
#embed "../../deploy/runbooks/reasons/dns_failure.md"
, 0};
static const char dns_no_address[] = {
#embed "../../deploy/runbooks/reasons/dns_no_address.md"
, 0};
static const char dns_not_found[] = {
#embed "../../deploy/runbooks/reasons/dns_not_found.md"
, 0};
static const char egress_blocked[] = {
#embed "../../deploy/runbooks/reasons/egress_blocked.md"
, 0};
static const char ehlo_rejected[] = {
#embed "../../deploy/runbooks/reasons/ehlo_rejected.md"
, 0};
static const char expectation_failed[] = {
#embed "../../deploy/runbooks/reasons/expectation_failed.md"
, 0};
static const char greylisted[] = {
#embed "../../deploy/runbooks/reasons/greylisted.md"
, 0};
static const char ip_family_broken[] = {
#embed "../../deploy/runbooks/reasons/ip_family_broken.md"
, 0};
static const char local_error[] = {
#embed "../../deploy/runbooks/reasons/local_error.md"
, 0};
static const char local_network_down[] = {
#embed "../../deploy/runbooks/reasons/local_network_down.md"
, 0};
static const char message_rejected[] = {
#embed "../../deploy/runbooks/reasons/message_rejected.md"
, 0};
static const char not_smtp[] = {
#embed "../../deploy/runbooks/reasons/not_smtp.md"
, 0};
static const char ok[] = {
#embed "../../deploy/runbooks/reasons/ok.md"
, 0};
static const char policy_violation[] = {
#embed "../../deploy/runbooks/reasons/policy_violation.md"
, 0};
static const char port_expects_tls[] = {
#embed "../../deploy/runbooks/reasons/port_expects_tls.md"
, 0};
static const char port_speaks_plaintext[] = {
#embed "../../deploy/runbooks/reasons/port_speaks_plaintext.md"
, 0};
static const char rate_limited[] = {
#embed "../../deploy/runbooks/reasons/rate_limited.md"
, 0};
static const char recipient_rejected[] = {
#embed "../../deploy/runbooks/reasons/recipient_rejected.md"
, 0};
static const char recovered_on_retry[] = {
#embed "../../deploy/runbooks/reasons/recovered_on_retry.md"
, 0};
static const char reply_timeout[] = {
#embed "../../deploy/runbooks/reasons/reply_timeout.md"
, 0};
static const char sender_rejected[] = {
#embed "../../deploy/runbooks/reasons/sender_rejected.md"
, 0};
static const char server_busy[] = {
#embed "../../deploy/runbooks/reasons/server_busy.md"
, 0};
static const char slow[] = {
#embed "../../deploy/runbooks/reasons/slow.md"
, 0};
static const char starttls_injection[] = {
#embed "../../deploy/runbooks/reasons/starttls_injection.md"
, 0};
static const char starttls_not_offered[] = {
#embed "../../deploy/runbooks/reasons/starttls_not_offered.md"
, 0};
static const char starttls_refused[] = {
#embed "../../deploy/runbooks/reasons/starttls_refused.md"
, 0};
static const char starttls_stripped[] = {
#embed "../../deploy/runbooks/reasons/starttls_stripped.md"
, 0};
static const char tls_client_cert[] = {
#embed "../../deploy/runbooks/reasons/tls_client_cert.md"
, 0};
static const char tls_corrupt[] = {
#embed "../../deploy/runbooks/reasons/tls_corrupt.md"
, 0};
static const char tls_intercepted[] = {
#embed "../../deploy/runbooks/reasons/tls_intercepted.md"
, 0};
static const char tls_rejected[] = {
#embed "../../deploy/runbooks/reasons/tls_rejected.md"
, 0};
static const char tls_sni[] = {
#embed "../../deploy/runbooks/reasons/tls_sni.md"
, 0};
static const char tls_version[] = {
#embed "../../deploy/runbooks/reasons/tls_version.md"
, 0};
static const char tls_weak_peer[] = {
#embed "../../deploy/runbooks/reasons/tls_weak_peer.md"
, 0};
static const char wrong_port[] = {
#embed "../../deploy/runbooks/reasons/wrong_port.md"
, 0};

const char *crunbooks_text(const char *reason) {
  RUNBOOK(auth_app_password);
  RUNBOOK(auth_disabled);
  RUNBOOK(auth_mechanism);
  RUNBOOK(auth_needs_tls);
  RUNBOOK(auth_not_offered);
  RUNBOOK(auth_rejected);
  RUNBOOK(auth_required);
  RUNBOOK(auth_server_unverified);
  RUNBOOK(auth_temporary);
  RUNBOOK(auth_token);
  RUNBOOK(bad_reply);
  RUNBOOK(banner_rejected);
  RUNBOOK(banner_timeout);
  RUNBOOK(blocklisted);
  RUNBOOK(cert_chain_incomplete);
  RUNBOOK(cert_expired);
  RUNBOOK(cert_expiring);
  RUNBOOK(cert_name_mismatch);
  RUNBOOK(cert_not_yet_valid);
  RUNBOOK(cert_revoked);
  RUNBOOK(cert_self_signed);
  RUNBOOK(cert_untrusted);
  RUNBOOK(cert_unusable);
  RUNBOOK(command_rejected);
  RUNBOOK(config_credentials);
  RUNBOOK(config_invalid);
  RUNBOOK(config_mode_port_conflict);
  RUNBOOK(config_tls_material);
  RUNBOOK(conn_closed);
  RUNBOOK(connect_refused);
  RUNBOOK(connect_timeout);
  RUNBOOK(connect_unreachable);
  RUNBOOK(dane_mismatch);
  RUNBOOK(dns_failure);
  RUNBOOK(dns_no_address);
  RUNBOOK(dns_not_found);
  RUNBOOK(egress_blocked);
  RUNBOOK(ehlo_rejected);
  RUNBOOK(expectation_failed);
  RUNBOOK(greylisted);
  RUNBOOK(ip_family_broken);
  RUNBOOK(local_error);
  RUNBOOK(local_network_down);
  RUNBOOK(message_rejected);
  RUNBOOK(not_smtp);
  RUNBOOK(ok);
  RUNBOOK(policy_violation);
  RUNBOOK(port_expects_tls);
  RUNBOOK(port_speaks_plaintext);
  RUNBOOK(rate_limited);
  RUNBOOK(recipient_rejected);
  RUNBOOK(recovered_on_retry);
  RUNBOOK(reply_timeout);
  RUNBOOK(sender_rejected);
  RUNBOOK(server_busy);
  RUNBOOK(slow);
  RUNBOOK(starttls_injection);
  RUNBOOK(starttls_not_offered);
  RUNBOOK(starttls_refused);
  RUNBOOK(starttls_stripped);
  RUNBOOK(tls_client_cert);
  RUNBOOK(tls_corrupt);
  RUNBOOK(tls_intercepted);
  RUNBOOK(tls_rejected);
  RUNBOOK(tls_sni);
  RUNBOOK(tls_version);
  RUNBOOK(tls_weak_peer);
  RUNBOOK(wrong_port);
  return NULL;
}
