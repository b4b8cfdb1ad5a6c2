#ifndef CCRYPT_SHIM_H
#define CCRYPT_SHIM_H

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

/* Whether a password is the one that a hash of crypt(5) was made of. Takes as long as the hash says, whatever the
   outcome; what was computed with is wiped. */
static inline int ccrypt_matches(const char *password, const char *hash) {
  struct crypt_data *data = (struct crypt_data *)calloc(1, sizeof *data);
  if (data == NULL) return 0;
  const char *computed = crypt_r(password, hash, data);
  size_t length = strlen(hash);
  unsigned char difference = 1;
  if (computed != NULL && strlen(computed) == length) {
    difference = 0;
    for (size_t i = 0; i < length; i++) difference |= (unsigned char)(computed[i] ^ hash[i]);
  }
  explicit_bzero(data, sizeof *data);
  free(data);
  return difference == 0;
}

#endif
