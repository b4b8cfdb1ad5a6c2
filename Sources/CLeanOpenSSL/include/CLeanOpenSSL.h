#ifndef CLEAN_OPENSSL_H
#define CLEAN_OPENSSL_H

#include <openssl/types.h>

/* A library context for TLS clients in which a certificate's public key is decoded at a third of the price.
 *
 * OpenSSL 3.0 looks for the decoder of every public key it reads among all decoders and all kinds of keys that
 * its providers have, for every file format. With the two or three certificates that a server
 * sends that is half the cost of a handshake. This context has one provider, which is the default provider less
 * what neither a TLS handshake uses nor a certificate is signed with, so that nothing differs on the wire.
 *
 * Private keys cannot be read in it: whoever presents a client certificate uses the default context.
 *
 * Returns NULL where the library refuses; the default context does then. Made once, and never freed. */
OSSL_LIB_CTX *clean_openssl_context(void);

#endif
