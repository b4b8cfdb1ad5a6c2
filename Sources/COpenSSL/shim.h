#ifndef COPENSSL_SHIM_H
#define COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* Functions and constants that OpenSSL offers as macros only, which Swift does not see. */

/* SSL_CTX: options, versions, modes. */

static const uint64_t copenssl_op_no_ticket = SSL_OP_NO_TICKET;
static const uint64_t copenssl_op_no_renegotiation = SSL_OP_NO_RENEGOTIATION;
static const uint64_t copenssl_op_legacy_server
  = SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION;

/* The name of a cipher that a context offers, by its place; NULL behind the last. */
static inline const char *copenssl_ctx_cipher_name(const SSL_CTX *context, int place) {
  STACK_OF(SSL_CIPHER) *ciphers = SSL_CTX_get_ciphers(context);
  return place < sk_SSL_CIPHER_num(ciphers) ? SSL_CIPHER_get_name(sk_SSL_CIPHER_value(ciphers, place)) : NULL;
}

static inline int copenssl_ctx_set_min_version(SSL_CTX *context, int version) {
  return (int)SSL_CTX_set_min_proto_version(context, version);
}

static inline int copenssl_ctx_set_max_version(SSL_CTX *context, int version) {
  return (int)SSL_CTX_set_max_proto_version(context, version);
}

static inline int copenssl_ctx_get_min_version(SSL_CTX *context) {
  return (int)SSL_CTX_get_min_proto_version(context);
}

/* A repeated write may come from another address. The library's buffers stay with a session while it lives: to
   allocate them anew for each line was measured to cost a tenth of a probe. Lines are short, so that records of
   4 KiB are enough, and the buffers smaller. */
static inline void copenssl_ctx_set_modes(SSL_CTX *context) {
  SSL_CTX_set_mode(context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_max_send_fragment(context, 4096);
}

static inline void copenssl_ctx_disable_resumption(SSL_CTX *context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
}

/* SSL: the name in the ClientHello. */

static inline int copenssl_set_server_name(SSL *ssl, const char *name) {
  return (int)SSL_set_tlsext_host_name(ssl, name);
}

/* The name of the group of the key exchange; NULL where there was none. */
static inline const char *copenssl_group_name(SSL *ssl) {
  int group = (int)SSL_get_negotiated_group(ssl);
  return group ? SSL_group_to_name(ssl, group) : NULL;
}

/* The OCSP staple (RFC 6066 section 8): asked for, as it came, and given. The session takes over what it is given. */

static inline void copenssl_ctx_request_staple(SSL_CTX *context) {
  SSL_CTX_set_tlsext_status_type(context, TLSEXT_STATUSTYPE_ocsp);
}
static inline int copenssl_requests_staple(SSL *ssl) {
  return SSL_get_tlsext_status_type(ssl) == TLSEXT_STATUSTYPE_ocsp;
}
static inline long copenssl_staple(SSL *ssl, const unsigned char **bytes) {
  return SSL_get_tlsext_status_ocsp_resp(ssl, bytes);
}
static inline void copenssl_ctx_staple(SSL_CTX *context, int (*allow)(SSL *, void *)) {
  SSL_CTX_set_tlsext_status_cb(context, allow);
}
static inline int copenssl_set_staple(SSL *ssl, const unsigned char *bytes, size_t count) {
  unsigned char *copy = (unsigned char *)OPENSSL_memdup(bytes, count);
  return copy != NULL && SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)count) == 1;
}

/* BIO_s_mem. */

static inline long copenssl_bio_bytes(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }
static inline void copenssl_bio_reset(BIO *bio) { (void)BIO_reset(bio); }
static inline void copenssl_bio_set_eof(BIO *bio, int value) { BIO_set_mem_eof_return(bio, value); }

/* Stacks. */

static inline STACK_OF(X509) *copenssl_x509s_new(void) { return sk_X509_new_null(); }
static inline int copenssl_x509s_push(STACK_OF(X509) *stack, X509 *one) { return sk_X509_push(stack, one); }
static inline int copenssl_x509s_count(const STACK_OF(X509) *stack) { return sk_X509_num(stack); }
static inline X509 *copenssl_x509s_at(const STACK_OF(X509) *stack, int at) { return sk_X509_value(stack, at); }
/* The stack alone; its certificates belong to others. */
static inline void copenssl_x509s_free(STACK_OF(X509) *stack) { sk_X509_free(stack); }
static inline int copenssl_names_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }
static inline GENERAL_NAME *copenssl_names_at(const GENERAL_NAMES *names, int at) {
  return sk_GENERAL_NAME_value(names, at);
}

/* A name as RFC 2253 has it, in UTF-8, control characters escaped. */
static inline int copenssl_print_name(BIO *bio, const X509_NAME *name) {
  return X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
}

/* Whether the authority information access (RFC 5280 section 4.2.2.1) says where the issuer is. */
static inline int copenssl_names_issuer_location(const X509 *certificate) {
  AUTHORITY_INFO_ACCESS *accesses
    = (AUTHORITY_INFO_ACCESS *)X509_get_ext_d2i(certificate, NID_info_access, NULL, NULL);
  int found = 0;
  for (int at = 0; at < sk_ACCESS_DESCRIPTION_num(accesses); at++)
    found |= OBJ_obj2nid(sk_ACCESS_DESCRIPTION_value(accesses, at)->method) == NID_ad_ca_issuers;
  AUTHORITY_INFO_ACCESS_free(accesses);
  return found;
}

/* Whether a certificate is to come with a staple only (RFC 7633). */
static inline int copenssl_demands_staple(const X509 *certificate) {
  TLS_FEATURE *features = (TLS_FEATURE *)X509_get_ext_d2i(certificate, NID_tlsfeature, NULL, NULL);
  int found = 0;
  for (int at = 0; at < sk_ASN1_INTEGER_num(features); at++)
    found |= ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features, at)) == TLSEXT_TYPE_status_request;
  TLS_FEATURE_free(features);
  return found;
}

/* Keys. */

static inline EVP_PKEY *copenssl_new_p256_key(void) { return EVP_EC_gen("P-256"); }
static inline EVP_PKEY *copenssl_new_rsa_key(size_t bits) { return EVP_RSA_gen(bits); }

#endif
