// The floor: what a full conversation costs a client that does nothing else. One connection at a time, blocking,
// the library as it comes; the certificate is verified, the replies' codes are looked at.
//
// usage: floor_client PORT plain|starttls|implicit AUTHORITY COUNT [RATE]
//
// Prints the processor time of one conversation in microseconds, user and system. With a rate it begins so many
// conversations a second, as a monitor does, and finds the processor's caches cold each time; else one after the other.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int connection;
static SSL *tls;

static void require(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "floor_client: %s failed\n", what);
  exit(1);
}

// Reads a reply to its last line and compares its code.
static void expect(const char *code) {
  char text[4096];
  size_t length = 0;
  for (;;) {
    ssize_t count = tls != NULL ? SSL_read(tls, text + length, (int)(sizeof text - 1 - length))
                                : recv(connection, text + length, sizeof text - 1 - length, 0);
    require(count > 0, code);
    length += (size_t)count;
    text[length] = 0;
    if (text[length - 1] != '\n') continue;
    char *last = text;
    for (char *feed = strchr(text, '\n'); feed[1] != 0; feed = strchr(feed + 1, '\n')) last = feed + 1;
    if (last[3] != ' ') continue;
    require(strncmp(last, code, 3) == 0, code);
    return;
  }
}

static void ask(const char *line, const char *code) {
  if (tls != NULL) SSL_write(tls, line, (int)strlen(line));
  else require(send(connection, line, strlen(line), 0) > 0, line);
  expect(code);
}

static void secure(SSL_CTX *context) {
  SSL *session = SSL_new(context);
  SSL_set_fd(session, connection);
  SSL_set_tlsext_host_name(session, "load.test");
  SSL_set1_host(session, "load.test");
  require(SSL_connect(session) == 1, "the handshake");
  tls = session;
}

static void converse(struct sockaddr_in *server, SSL_CTX *context, char mode) {
  int on = 1;
  connection = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  require(connect(connection, (struct sockaddr *)server, sizeof *server) == 0, "connect");
  if (mode == 'i') secure(context);
  expect("220");
  ask("EHLO floor.test\r\n", "250");
  if (mode == 's') {
    ask("STARTTLS\r\n", "220");
    secure(context);
    ask("EHLO floor.test\r\n", "250");
  }
  if (mode != 'p') ask("AUTH PLAIN AHVzZXIAc2VjcmV0\r\n", "235");
  ask("QUIT\r\n", "221");
  if (tls != NULL) {
    SSL_shutdown(tls);
    SSL_free(tls);
    tls = NULL;
  }
  close(connection);
}

static double microseconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

// Waits until a moment, and moves it on by the period.
static void keep_pace(struct timespec *moment, long period) {
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, moment, NULL);
  moment->tv_nsec += period;
  moment->tv_sec += moment->tv_nsec / 1000000000;
  moment->tv_nsec %= 1000000000;
}

int main(int count, char **words) {
  if (count != 5 && count != 6) {
    fprintf(stderr, "usage: floor_client PORT plain|starttls|implicit AUTHORITY COUNT [RATE]\n");
    return 64;
  }
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  require(SSL_CTX_load_verify_locations(context, words[3], NULL) == 1, words[3]);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  struct sockaddr_in server = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)atoi(words[1])),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int times = atoi(words[4]);
  converse(&server, context, words[2][0]);
  long period = count == 6 ? 1000000000 / atoi(words[5]) : 0;
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  double before = microseconds();
  for (int i = 0; i < times; i++) {
    if (period > 0) keep_pace(&next, period);
    converse(&server, context, words[2][0]);
  }
  printf("%.1f\n", (microseconds() - before) / times);
  return 0;
}
