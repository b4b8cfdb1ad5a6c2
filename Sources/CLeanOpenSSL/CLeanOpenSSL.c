#include "CLeanOpenSSL.h"

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <string.h>

/* What is kept of an operation: the algorithms of these names, each under its first. Every look at the keys walks over
 * all methods that the context knows, so each that stays away counts. */
typedef struct {
  int operation;
  const char *const *names;
} Choice;

/* Keys that sign handshakes, which are the only kinds that servers' certificates have. */
#define SIGNING "RSA", "RSA-PSS", "EC", "ED25519", "ED448"

static const char *const decoders[] = {SIGNING, NULL};
/* Besides: those that sessions agree on keys with, or protect records with. */
static const char *const key_managers[] = {SIGNING, "X25519", "X448", "DH", "HMAC", NULL};
static const char *const key_exchanges[] = {"ECDH", "X25519", "X448", "DH", NULL};
static const char *const signatures[] = {"RSA", "ECDSA", "ED25519", "ED448", "HMAC", NULL};
/* Those of the cipher suites that the library knows, and what its random numbers are made with. */
static const char *const ciphers[] = {
    "NULL",         "AES-128-CBC",      "AES-256-CBC",      "AES-128-CBC-HMAC-SHA1",   "AES-256-CBC-HMAC-SHA1",
    "AES-128-GCM",  "AES-256-GCM",      "AES-128-CCM",      "AES-128-CBC-HMAC-SHA256", "AES-256-CBC-HMAC-SHA256",
    "AES-256-CCM",  "CAMELLIA-128-CBC", "CAMELLIA-256-CBC", "ChaCha20-Poly1305",       "DES-EDE3-CBC",
    "ARIA-128-GCM", "ARIA-256-GCM",     "AES-256-CTR",      "AES-256-ECB",             NULL};
/* Those of handshakes, and those that certificates are signed with. */
static const char *const digests[] = {"MD5",      "MD5-SHA1", "SHA1",     "SHA2-224", "SHA2-256",   "SHA2-384", "SHA2-512",
                                      "SHA3-224", "SHA3-256", "SHA3-384", "SHA3-512", "RIPEMD-160", NULL};
static const char *const macs[] = {"HMAC", NULL};
static const char *const derivations[] = {"HKDF", "TLS13-KDF", "TLS1-PRF", NULL};

static const Choice choices[] = {
    {OSSL_OP_DECODER, decoders},   {OSSL_OP_KEYMGMT, key_managers}, {OSSL_OP_KEYEXCH, key_exchanges},
    {OSSL_OP_SIGNATURE, signatures}, {OSSL_OP_CIPHER, ciphers},       {OSSL_OP_DIGEST, digests},
    {OSSL_OP_MAC, macs},           {OSSL_OP_KDF, derivations},
};
enum { CHOICES = sizeof choices / sizeof *choices, MOST = 32 };

static OSSL_PROVIDER *whole;
/* By the place in `choices`; each ends with an empty entry. */
static OSSL_ALGORITHM chosen[CHOICES][MOST];

static int is_named(const OSSL_ALGORITHM *algorithm, const char *const names[]) {
  size_t length = strcspn(algorithm->algorithm_names, ":");
  for (; *names != NULL; names++)
    if (strlen(*names) == length && strncmp(algorithm->algorithm_names, *names, length) == 0) return 1;
  return 0;
}

/* Of decoders only those of what a certificate holds. */
static int is_for_certificates(const OSSL_ALGORITHM *decoder) {
  const char *properties = decoder->property_definition;
  return properties != NULL && strstr(properties, "input=der") != NULL &&
         strstr(properties, "structure=SubjectPublicKeyInfo") != NULL;
}

static const OSSL_ALGORITHM *query(void *context, int operation, int *no_cache) {
  (void)context;
  *no_cache = 0;
  for (size_t i = 0; i < CHOICES; i++)
    if (choices[i].operation == operation) return chosen[i];
  return OSSL_PROVIDER_query_operation(whole, operation, no_cache);
}

static OSSL_FUNC_provider_get_params_fn get_params;
static int get_params(void *context, OSSL_PARAM parameters[]) {
  (void)context;
  return OSSL_PROVIDER_get_params(whole, parameters);
}

/* Such as the groups of TLS key exchanges. */
static OSSL_FUNC_provider_get_capabilities_fn get_capabilities;
static int get_capabilities(void *context, const char *capability, OSSL_CALLBACK *callback, void *argument) {
  (void)context;
  return OSSL_PROVIDER_get_capabilities(whole, capability, callback, argument);
}

static const OSSL_DISPATCH dispatch[] = {
    {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
    {OSSL_FUNC_PROVIDER_GET_PARAMS, (void (*)(void))get_params},
    {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))get_capabilities},
    {0, NULL},
};

static int initialize(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out, void **context) {
  (void)handle;
  (void)in;
  *out = dispatch;
  /* The algorithms are the default provider's, and so is what they are made with. */
  *context = OSSL_PROVIDER_get0_provider_ctx(whole);
  return 1;
}

/* Copies what is wanted of an operation's algorithms; 0 where the library's tables are not as expected. */
static int choose(const Choice *choice, OSSL_ALGORITHM copies[MOST]) {
  int no_cache = 0;
  size_t count = 0;
  const OSSL_ALGORITHM *all = OSSL_PROVIDER_query_operation(whole, choice->operation, &no_cache);
  for (; all != NULL && all->algorithm_names != NULL; all++) {
    if (!is_named(all, choice->names)) continue;
    if (choice->operation == OSSL_OP_DECODER && !is_for_certificates(all)) continue;
    if (count + 1 == MOST) return 0;
    copies[count++] = *all;
  }
  return count > 0;
}

static OSSL_LIB_CTX *lean;

static void make(void) {
  whole = OSSL_PROVIDER_load(NULL, "default");
  if (whole == NULL) return;
  for (size_t i = 0; i < CHOICES; i++)
    if (!choose(&choices[i], chosen[i])) return;
  OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
  if (context == NULL) return;
  if (OSSL_PROVIDER_add_builtin(context, "lean", initialize) != 1 || OSSL_PROVIDER_load(context, "lean") == NULL) {
    OSSL_LIB_CTX_free(context);
    return;
  }
  lean = context;
}

OSSL_LIB_CTX *clean_openssl_context(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make);
  return lean;
}
