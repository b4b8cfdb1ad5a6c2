#ifndef CMICROHTTPD_SHIM_H
#define CMICROHTTPD_SHIM_H

#include <errno.h>
#include <microhttpd.h>
#include <string.h>

/* The library's enums are closed, so that Swift would trap on a value that a newer library adds: what
   it hands to a callback is received as a plain number, which C counts as the same type. */
typedef void (*cmhd_completed)(void *cls, struct MHD_Connection *connection, void **state, unsigned int why);
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

/* Serves a listening socket, which it owns from then on, from a thread of its own. NULL and errno on failure. */
static inline struct MHD_Daemon *cmhd_start(int listener, struct cmhd_limits limits,
                                            MHD_AccessHandlerCallback handler, cmhd_completed completed, void *cls) {
  errno = 0;
  return MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handler, cls,
      MHD_OPTION_LISTEN_SOCKET, listener,
      MHD_OPTION_CONNECTION_LIMIT, limits.connections,
      MHD_OPTION_PER_IP_CONNECTION_LIMIT, limits.connections_per_address,
      MHD_OPTION_CONNECTION_TIMEOUT, limits.idle_seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits.memory_per_connection,
      MHD_OPTION_UNESCAPE_CALLBACK, &cmhd_keep_escapes, NULL,
      MHD_OPTION_NOTIFY_COMPLETED, (MHD_RequestCompletedCallback)completed, NULL,
      MHD_OPTION_END);
}

static inline void cmhd_visit_headers(struct MHD_Connection *connection, cmhd_visitor visitor, void *cls) {
  (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, (MHD_KeyValueIterator)visitor, cls);
}

static inline void cmhd_visit_query(struct MHD_Connection *connection, cmhd_visitor visitor, void *cls) {
  (void)MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, (MHD_KeyValueIterator)visitor, cls);
}

#endif
