// A mail server that costs next to nothing, for clients to be measured against: one thread, any number of
// connections. It accepts every login and every message.
//
// usage: load_target plain|starttls|implicit|silent [CERTIFICATE KEY]
//
// Prints the port that it listens on (127.0.0.1), then serves until it is told to end; prints then how many
// connections it had. A silent one accepts and says nothing.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum mode { PLAIN, STARTTLS, IMPLICIT, SILENT };
static const char *const mode_names[] = {"plain", "starttls", "implicit", "silent"};

struct client {
  int socket;
  SSL *tls;
  int is_secured;
  int is_message;
  size_t length;
  char line[1024];
};

static enum mode mode;
static SSL_CTX *context;
static int poller;
static volatile sig_atomic_t is_over;

static void end(int signal) {
  (void)signal;
  is_over = 1;
}

static void say(struct client *client, const char *text) {
  ssize_t sent = client->is_secured ? SSL_write(client->tls, text, (int)strlen(text))
                                    : send(client->socket, text, strlen(text), MSG_NOSIGNAL);
  (void)sent;  // A client that has gone shows at its next read.
}

static void drop(struct client *client) {
  SSL_free(client->tls);
  close(client->socket);
  free(client);
}

static void begin_tls(struct client *client) {
  client->tls = SSL_new(context);
  SSL_set_fd(client->tls, client->socket);
  SSL_set_accept_state(client->tls);
}

// What one line gets; 0 where the conversation is over.
static int answer(struct client *client, const char *line) {
  if (client->is_message) {
    if (strcmp(line, ".") != 0) return 1;
    client->is_message = 0;
    say(client, "250 2.0.0 taken\r\n");
  } else if (strncasecmp(line, "EHLO", 4) == 0) {
    say(client, mode == STARTTLS && !client->is_secured
                    ? "250-load.test\r\n250-PIPELINING\r\n250-SIZE 10485760\r\n250-STARTTLS\r\n250 8BITMIME\r\n"
                    : "250-load.test\r\n250-PIPELINING\r\n250-SIZE 10485760\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n");
  } else if (strcasecmp(line, "STARTTLS") == 0 && mode == STARTTLS) {
    say(client, "220 2.0.0 go ahead\r\n");
    begin_tls(client);
  } else if (strncasecmp(line, "AUTH PLAIN ", 11) == 0) {
    say(client, "235 2.7.0 welcome\r\n");
  } else if (strcasecmp(line, "DATA") == 0) {
    client->is_message = 1;
    say(client, "354 go ahead\r\n");
  } else if (strcasecmp(line, "QUIT") == 0) {
    say(client, "221 2.0.0 bye\r\n");
    if (client->is_secured) SSL_shutdown(client->tls);
    return 0;
  } else {
    say(client, "250 2.0.0 ok\r\n");
  }
  return 1;
}

// Goes on with a handshake; 0 where it failed.
static int shake_hands(struct client *client) {
  int status = SSL_do_handshake(client->tls);
  if (status == 1) {
    client->is_secured = 1;
    if (mode == IMPLICIT) say(client, "220 load.test ESMTP\r\n");
    return 1;
  }
  return SSL_get_error(client->tls, status) == SSL_ERROR_WANT_READ;
}

// Reads what there is; 0 where the client has gone.
static int serve(struct client *client) {
  for (;;) {
    if (client->tls != NULL && !client->is_secured) {
      if (!shake_hands(client)) return 0;
      if (!client->is_secured) return 1;
    }
    size_t room = sizeof client->line - 1 - client->length;
    if (room == 0) return 0;
    ssize_t count = client->is_secured ? SSL_read(client->tls, client->line + client->length, (int)room)
                                       : recv(client->socket, client->line + client->length, room, MSG_DONTWAIT);
    if (count <= 0)
      return client->is_secured ? SSL_get_error(client->tls, (int)count) == SSL_ERROR_WANT_READ
                                : count < 0 && errno == EAGAIN;
    client->length += (size_t)count;
    char *feed;
    while ((feed = memchr(client->line, '\n', client->length)) != NULL) {
      size_t taken = (size_t)(feed - client->line) + 1;
      *feed = 0;
      if (feed > client->line && feed[-1] == '\r') feed[-1] = 0;
      if (!answer(client, client->line)) return 0;
      client->length -= taken;
      memmove(client->line, client->line + taken, client->length);
    }
  }
}

static void accept_all(int listener, unsigned long *count) {
  for (;;) {
    int socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    *count += 1;
    struct client *client = calloc(1, mode == SILENT ? offsetof(struct client, line) : sizeof *client);
    client->socket = socket;
    int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (mode == IMPLICIT) begin_tls(client);
    if (mode == PLAIN || mode == STARTTLS) say(client, "220 load.test ESMTP\r\n");
    struct epoll_event event = {.events = mode == SILENT ? EPOLLRDHUP : EPOLLIN, .data.ptr = client};
    epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event);
  }
}

static int fail(const char *what) {
  perror(what);
  return 1;
}

int main(int count, char **words) {
  int known = 0;
  for (int i = 0; count > 1 && i < 4; i++)
    if (strcmp(words[1], mode_names[i]) == 0) mode = (enum mode)i, known = 1;
  int needs_keys = mode == STARTTLS || mode == IMPLICIT;
  if (!known || (needs_keys && count != 4)) {
    fprintf(stderr, "usage: load_target plain|starttls|implicit|silent [CERTIFICATE KEY]\n");
    return 64;
  }
  struct sigaction action = {.sa_handler = end};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  signal(SIGPIPE, SIG_IGN);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (needs_keys) {
    context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    if (SSL_CTX_use_certificate_chain_file(context, words[2]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, words[3], SSL_FILETYPE_PEM) != 1)
      return fprintf(stderr, "load_target: cannot use %s and %s\n", words[2], words[3]), 1;
  }
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 8192) != 0) return fail("listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  poller = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
  unsigned long clients = 0;
  while (!is_over) {
    struct epoll_event events[256];
    int ready = epoll_wait(poller, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      struct client *client = events[i].data.ptr;
      if (client == NULL) accept_all(listener, &clients);
      else if (mode == SILENT || !serve(client)) drop(client);
    }
  }
  printf("%lu\n", clients);
  return 0;
}
