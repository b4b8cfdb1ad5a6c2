#include "CLeanOpenSSL.h"

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <string.h>

static OSSL_PROVIDER *whole;
static OSSL_ALGORITHM decoders[32];

/* The decoders of public keys that can sign a handshake: the only kinds that servers' certificates have. */
static int is_of_server_keys(const OSSL_ALGORITHM *algorithm) {
  static const char *const kinds[] = {"RSA", "RSA-PSS", "EC", "ED25519", "ED448"};
  const char *names = algorithm->algorithm_names, *properties = algorithm->property_definition;
  size_t length = strcspn(names, ":");
  if (properties == NULL || strstr(properties, "input=der") == NULL ||
      strstr(properties, "structure=SubjectPublicKeyInfo") == NULL)
    return 0;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strlen(kinds[i]) == length && strncmp(names, kinds[i], length) == 0) return 1;
  return 0;
}

static const OSSL_ALGORITHM *query(void *context, int operation, int *no_cache) {
  (void)context;
  if (operation != OSSL_OP_DECODER) return OSSL_PROVIDER_query_operation(whole, operation, no_cache);
  *no_cache = 0;
  return decoders;
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

/* Fills `decoders`; 0 where the library's tables are not as expected. */
static int choose_decoders(void) {
  int no_cache = 0;
  size_t count = 0;
  const OSSL_ALGORITHM *all = OSSL_PROVIDER_query_operation(whole, OSSL_OP_DECODER, &no_cache);
  for (; all != NULL && all->algorithm_names != NULL; all++)
    if (is_of_server_keys(all) && count + 1 < sizeof decoders / sizeof *decoders) decoders[count++] = *all;
  return count > 0;
}

static OSSL_LIB_CTX *lean;

static void make(void) {
  whole = OSSL_PROVIDER_load(NULL, "default");
  if (whole == NULL || !choose_decoders()) return;
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
