#define _GNU_SOURCE
#include "CLinux.h"

#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

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

int64_t clinux_handshake_time(int socket) {
  struct tcp_info info;
  socklen_t size = sizeof info;
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || info.tcpi_total_retrans != 0) return 0;
  return info.tcpi_rtt;
}

int clinux_unsent_bytes(int socket) {
  int count = 0;
  return ioctl(socket, SIOCOUTQ, &count) == 0 ? count : -1;
}

int clinux_drop_arrivals(int socket) {
  struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
  struct sock_fprog program = {.len = 1, .filter = &drop};
  return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

int clinux_take_arrivals(int socket) {
  int unused = 0;
  return setsockopt(socket, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused);
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

/* The guarded mappings. A place whose size is 0 is free; the handler of the signal may read at any moment. */
enum { GUARDED_MAPPINGS = 64 };
static struct {
  _Atomic(char *) base;
  atomic_size_t size;
} guarded[GUARDED_MAPPINGS];
static atomic_int lost_pages;
static size_t page_size;

static bool is_guarded(char *address) {
  for (int i = 0; i < GUARDED_MAPPINGS; i++) {
    size_t size = atomic_load(&guarded[i].size);
    char *base = atomic_load(&guarded[i].base);
    if (size > 0 && address >= base && address < base + size) return true;
  }
  return false;
}

/* Only what may be called at any moment: mmap is a bare system call here. */
static void replace_lost_page(int number, siginfo_t *info, void *context) {
  (void)context;
  char *address = info->si_addr;
  if (info->si_code > 0 && is_guarded(address)) {
    void *page = (void *)((uintptr_t)address & ~(uintptr_t)(page_size - 1));
    if (mmap(page, page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page) {
      atomic_fetch_add(&lost_pages, 1);
      return;
    }
  }
  /* Not ours: it comes again, and ends the process. */
  signal(number, SIG_DFL);
}

int clinux_guard_mapping(void *base, size_t size) {
  page_size = (size_t)sysconf(_SC_PAGESIZE);
  for (int i = 0; i < GUARDED_MAPPINGS; i++) {
    char *none = NULL;
    if (!atomic_compare_exchange_strong(&guarded[i].base, &none, base)) continue;
    atomic_store(&guarded[i].size, size);
    struct sigaction action = {.sa_sigaction = replace_lost_page, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    return sigaction(SIGBUS, &action, NULL);
  }
  return -1;
}

void clinux_forget_mapping(void *base) {
  for (int i = 0; i < GUARDED_MAPPINGS; i++) {
    if (atomic_load(&guarded[i].base) != base) continue;
    atomic_store(&guarded[i].size, 0);
    atomic_store(&guarded[i].base, NULL);
  }
}

int clinux_lost_pages(void) { return atomic_load(&lost_pages); }

void clinux_ignore_file_size_signal(void) { signal(SIGXFSZ, SIG_IGN); }
