#ifndef CGNUTLS_SHIM_H
#define CGNUTLS_SHIM_H

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

/* Whether the client's chain leads to an authority that the session's credentials trust, for the purpose of
   proving a client: 0, or a negative number; the faults are in `status`. */
static inline int cgnutls_verify_client(gnutls_session_t session, unsigned int *status) {
  gnutls_typed_vdata_st purpose = {GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)GNUTLS_KP_TLS_WWW_CLIENT, 0};
  return gnutls_certificate_verify_peers(session, &purpose, 1, status);
}

/* Macros that Swift does not see. */
static const int cgnutls_kind_dns = GNUTLS_SAN_DNSNAME;
static const int cgnutls_kind_mail = GNUTLS_SAN_RFC822NAME;
static const int cgnutls_kind_uri = GNUTLS_SAN_URI;
static const int cgnutls_kind_address = GNUTLS_SAN_IPADDRESS;

/* The kind and the bytes of one alternative name; negative where there is none of that number. */
static inline int cgnutls_alternative_name(gnutls_x509_crt_t certificate, unsigned int number, void *name,
                                           size_t *size) {
  return gnutls_x509_crt_get_subject_alt_name(certificate, number, name, size, NULL);
}

/* Frees what the library has allocated: its own function for that is a variable. */
static inline void cgnutls_free(void *bytes) { gnutls_free(bytes); }

#endif
