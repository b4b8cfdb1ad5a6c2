#define _GNU_SOURCE
#include "CLinux.h"

#include <malloc.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

int clinux_accept(int listener) {
  return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_stamp_arrivals(int socket) {
  int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  return setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags);
}

ssize_t clinux_receive(int socket, void *buffer, size_t size, int64_t *stamp) {
  struct iovec piece = {.iov_base = buffer, .iov_len = size};
  union {
    struct cmsghdr aligned;
    char bytes[256];
  } control;
  struct msghdr message = {.msg_iov = &piece,
                           .msg_iovlen = 1,
                           .msg_control = &control,
                           .msg_controllen = sizeof control};
  *stamp = 0;
  ssize_t count = recvmsg(socket, &message, MSG_DONTWAIT);
  if (count <= 0) return count;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING) continue;
    struct scm_timestamping times;
    memcpy(&times, CMSG_DATA(c), sizeof times);
    *stamp = (int64_t)times.ts[0].tv_sec * 1000000000 + times.ts[0].tv_nsec;
  }
  return count;
}

int clinux_unsent_bytes(int socket) {
  int count = 0;
  return ioctl(socket, SIOCOUTQ, &count) == 0 ? count : -1;
}

const char *clinux_error_name(int code) { return strerrorname_np(code); }

const char *clinux_error_words(int code) { return strerrordesc_np(code); }

int64_t clinux_raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
  }
  return (int64_t)limit.rlim_cur;
}

void clinux_release_free_memory(void) { malloc_trim(0); }

void clinux_keep_memory_small(void) {
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  mallopt(M_ARENA_MAX, 1);
}
