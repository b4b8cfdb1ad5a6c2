#include "CLeanOpenSSL.h"

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <string.h>

enum { MOST = 128 };

static OSSL_PROVIDER *whole;
static OSSL_ALGORITHM decoders[MOST];
static OSSL_ALGORITHM key_managers[MOST];
static OSSL_ALGORITHM ciphers[MOST];

/* Keys that can sign a handshake: the only kinds that servers' certificates have. */
static const char *const signing[] = {"RSA", "RSA-PSS", "EC", "ED25519", "ED448", NULL};
/* And those that sessions agree on keys with, or protect records with. */
static const char *const agreeing[] = {"X25519", "X448", "DH", "HMAC", NULL};

static int is_named(const OSSL_ALGORITHM *algorithm, const char *const names[]) {
  size_t length = strcspn(algorithm->algorithm_names, ":");
  for (; *names != NULL; names++)
    if (strlen(*names) == length && strncmp(algorithm->algorithm_names, *names, length) == 0) return 1;
  return 0;
}

static int is_wanted_decoder(const OSSL_ALGORITHM *algorithm) {
  const char *properties = algorithm->property_definition;
  return is_named(algorithm, signing) && properties != NULL && strstr(properties, "input=der") != NULL &&
         strstr(properties, "structure=SubjectPublicKeyInfo") != NULL;
}

static int is_wanted_key_manager(const OSSL_ALGORITHM *algorithm) {
  return is_named(algorithm, signing) || is_named(algorithm, agreeing);
}

/* Modes of disks, files and wrapped keys. They count because every look at the keys walks over all methods that the
 * context knows. */
static int is_wanted_cipher(const OSSL_ALGORITHM *algorithm) {
  static const char *const modes[] = {"CFB", "OFB", "XTS", "WRAP", "SIV", "OCB", "CTS"};
  size_t length = strcspn(algorithm->algorithm_names, ":");
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    const char *found = strstr(algorithm->algorithm_names, modes[i]);
    if (found != NULL && (size_t)(found - algorithm->algorithm_names) < length) return 0;
  }
  return 1;
}

static const OSSL_ALGORITHM *query(void *context, int operation, int *no_cache) {
  (void)context;
  *no_cache = 0;
  switch (operation) {
    case OSSL_OP_DECODER: return decoders;
    case OSSL_OP_KEYMGMT: return key_managers;
    case OSSL_OP_CIPHER: return ciphers;
    default: return OSSL_PROVIDER_query_operation(whole, operation, no_cache);
  }
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
static int choose(int operation, int (*is_wanted)(const OSSL_ALGORITHM *), OSSL_ALGORITHM chosen[MOST]) {
  int no_cache = 0;
  size_t count = 0;
  const OSSL_ALGORITHM *all = OSSL_PROVIDER_query_operation(whole, operation, &no_cache);
  for (; all != NULL && all->algorithm_names != NULL; all++)
    if (is_wanted(all) && count + 1 < MOST) chosen[count++] = *all;
  return count > 0;
}

static OSSL_LIB_CTX *lean;

static void make(void) {
  whole = OSSL_PROVIDER_load(NULL, "default");
  if (whole == NULL || !choose(OSSL_OP_DECODER, is_wanted_decoder, decoders) ||
      !choose(OSSL_OP_KEYMGMT, is_wanted_key_manager, key_managers) ||
      !choose(OSSL_OP_CIPHER, is_wanted_cipher, ciphers))
    return;
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
