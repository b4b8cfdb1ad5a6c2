// A mail server that makes clients wait, and knows for how long: the truth to hold reported times against.
//
// usage: delay_server MICROSECONDS
//
// Prints its port, then a line for each conversation: its beginning as Unix time, and for EHLO and for QUIT how
// many microseconds lay between the arrival of the request, by the kernel's stamp, and its answer.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static long delay;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// Waits for a line; its arrival in nanoseconds, or 0 at the end.
static int64_t hear(int client) {
  char line[512];
  char control[256];
  struct iovec piece = {line, sizeof line};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t count = recvmsg(client, &message, 0);
  if (count <= 0) return 0;
  for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part != NULL; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPING) continue;
    struct scm_timestamping stamps;
    memcpy(&stamps, CMSG_DATA(part), sizeof stamps);
    if (stamps.ts[0].tv_sec > 0) return (int64_t)stamps.ts[0].tv_sec * 1000000000 + stamps.ts[0].tv_nsec;
  }
  return now();
}

// Answers late; how many microseconds after `since`.
static double answer(int client, int64_t since, const char *text) {
  int64_t due = since + delay * 1000;
  struct timespec moment = {due / 1000000000, due % 1000000000};
  clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &moment, NULL);
  int64_t sent = now();
  send(client, text, strlen(text), MSG_NOSIGNAL);
  return (double)(sent - since) / 1000;
}

static void *converse(void *argument) {
  int client = (int)(intptr_t)argument;
  int on = 1;
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  double began = (double)now() / 1e9;
  send(client, "220 delay.test ESMTP\r\n", 22, MSG_NOSIGNAL);
  int64_t ehlo = hear(client);
  double first = ehlo != 0 ? answer(client, ehlo, "250-delay.test\r\n250 8BITMIME\r\n") : 0;
  int64_t quit = ehlo != 0 ? hear(client) : 0;
  if (quit != 0) printf("%.6f %.1f %.1f\n", began, first, answer(client, quit, "221 2.0.0 bye\r\n"));
  fflush(stdout);
  close(client);
  return NULL;
}

int main(int count, char **words) {
  if (count != 2) {
    fprintf(stderr, "usage: delay_server MICROSECONDS\n");
    return 64;
  }
  delay = atol(words[1]);
  prctl(PR_SET_TIMERSLACK, 1);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int stamps = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  setsockopt(listener, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof stamps);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 64) != 0) return perror("listen"), 1;
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0) continue;
    pthread_t thread;
    if (pthread_create(&thread, NULL, converse, (void *)(intptr_t)client) != 0) close(client);
    else pthread_detach(thread);
  }
}
