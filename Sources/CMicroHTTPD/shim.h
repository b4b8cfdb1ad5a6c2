#ifndef CMICROHTTPD_SHIM_H
#define CMICROHTTPD_SHIM_H

#include <errno.h>
#include <microhttpd.h>
#include <string.h>

/* The library's enums are closed, so that Swift would trap on a value that a newer library adds: what
   it hands to a callback is received as a plain number, which C counts as the same type. */
typedef void (*cmhd_completed)(void *cls, struct MHD_Connection *connection, void **state, unsigned int why);
typedef void (*cmhd_connection_changed)(void *cls, struct MHD_Connection *connection, void **context, unsigned int code);
typedef enum MHD_Result (*cmhd_visitor)(void *cls, unsigned int kind, const char *name, const char *value);

/* The limits of a daemon; 0 means none. */
struct cmhd_limits {
  unsigned int connections;
  unsigned int connections_per_address;
  unsigned int idle_seconds;
  size_t memory_per_connection;
};

/* Leaves paths and queries as they came: a name may hold an escaped slash. */
static inline size_t cmhd_keep_escapes(void *cls, struct MHD_Connection *connection, char *text) {
  (void)cls;
  (void)connection;
  return strlen(text);
}

/* Never called: each session gets credentials of its own before its handshake. With a function for them the library
   asks for no certificate when it starts. */
static inline int cmhd_no_certificate(void *session, const void *names, int name_count, const void *algorithms,
                                      int algorithm_count, void **chain, unsigned int *chain_length, void **key) {
  (void)session, (void)names, (void)name_count, (void)algorithms, (void)algorithm_count;
  *chain = NULL, *chain_length = 0, *key = NULL;
  return -1;
}

/* Serves a listening socket, which it owns from then on, from a thread of its own. NULL and errno on failure. */
static inline struct MHD_Daemon *cmhd_start(int listener, int is_secure, struct cmhd_limits limits,
                                            MHD_AccessHandlerCallback handler, cmhd_completed completed,
                                            cmhd_connection_changed changed, void *cls) {
  struct MHD_OptionItem secure[] = {{MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)&cmhd_no_certificate},
                                    {MHD_OPTION_END, 0, NULL}};
  struct MHD_OptionItem plain[] = {{MHD_OPTION_END, 0, NULL}};
  unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
  errno = 0;
  return MHD_start_daemon(
      is_secure ? flags | MHD_USE_TLS : flags, 0, NULL, NULL, handler, cls,
      MHD_OPTION_LISTEN_SOCKET, listener,
      MHD_OPTION_CONNECTION_LIMIT, limits.connections,
      MHD_OPTION_PER_IP_CONNECTION_LIMIT, limits.connections_per_address,
      MHD_OPTION_CONNECTION_TIMEOUT, limits.idle_seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits.memory_per_connection,
      MHD_OPTION_UNESCAPE_CALLBACK, &cmhd_keep_escapes, NULL,
      MHD_OPTION_NOTIFY_COMPLETED, (MHD_RequestCompletedCallback)completed, NULL,
      MHD_OPTION_NOTIFY_CONNECTION, (MHD_NotifyConnectionCallback)changed, cls,
      MHD_OPTION_ARRAY, is_secure ? secure : plain,
      MHD_OPTION_END);
}

/* Macros with casts, which Swift cannot read. */
static inline uint64_t cmhd_size_unknown(void) { return MHD_SIZE_UNKNOWN; }
static inline ssize_t cmhd_end_of_stream(void) { return MHD_CONTENT_READER_END_OF_STREAM; }

/* What the program keeps with a connection; NULL where there is nothing. */
static inline void *cmhd_connection_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info == NULL ? NULL : info->socket_context;
}

/* The GnuTLS session of a connection; NULL where it is not encrypted. */
static inline void *cmhd_connection_session(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
  return info == NULL ? NULL : info->tls_session;
}

/* The connection's socket, which the library closes; negative where there is none. */
static inline int cmhd_connection_descriptor(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info == NULL ? -1 : info->connect_fd;
}

/* Who is at the other end; NULL where nobody knows. */
static inline const struct sockaddr *cmhd_connection_client(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info == NULL ? NULL : info->client_addr;
}

static inline void cmhd_visit_headers(struct MHD_Connection *connection, cmhd_visitor visitor, void *cls) {
  (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, (MHD_KeyValueIterator)visitor, cls);
}

static inline void cmhd_visit_query(struct MHD_Connection *connection, cmhd_visitor visitor, void *cls) {
  (void)MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, (MHD_KeyValueIterator)visitor, cls);
}

#endif
