// Counts allocations of a process by who asks for them: Swift's runtime, or anything else (OpenSSL, c-ares, the C
// library). Loaded into a program by LD_PRELOAD; the two counts are kept in the file that COUNT_FILE names, in the
// machine's own form, for others to read at any moment.
//
// Swift's runtime is told from the rest by its libraries, so the program has to be linked with them dynamically.
#define _GNU_SOURCE
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SWIFT, OTHER, KINDS };
enum { MOST_LIBRARIES = 32 };

static atomic_ulong unread[KINDS];
static atomic_ulong *counts = unread;
static struct {
  uintptr_t from, to;
} swift[MOST_LIBRARIES];
static int libraries;

static int note_library(struct dl_phdr_info *info, size_t size, void *unused) {
  (void)size, (void)unused;
  if (strstr(info->dlpi_name, "/libswift") == NULL || libraries == MOST_LIBRARIES) return 0;
  uintptr_t from = UINTPTR_MAX, to = 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    if (info->dlpi_phdr[i].p_type != PT_LOAD) continue;
    uintptr_t start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr, end = start + info->dlpi_phdr[i].p_memsz;
    if (start < from) from = start;
    if (end > to) to = end;
  }
  swift[libraries].from = from;
  swift[libraries++].to = to;
  return 0;
}

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("COUNT_FILE");
  int file = path == NULL ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, sizeof unread) != 0) return;
  void *shared = mmap(NULL, sizeof unread, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (shared == MAP_FAILED) return;
  dl_iterate_phdr(note_library, NULL);
  counts = shared;
}

static void count(const void *caller) {
  int kind = OTHER;
  for (int i = 0; i < libraries; i++)
    if ((uintptr_t)caller >= swift[i].from && (uintptr_t)caller < swift[i].to) kind = SWIFT;
  atomic_fetch_add_explicit(&counts[kind], 1, memory_order_relaxed);
}

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) {
  count(__builtin_return_address(0));
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count(__builtin_return_address(0));
  return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
  count(__builtin_return_address(0));
  return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  count(__builtin_return_address(0));
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  count(__builtin_return_address(0));
  *memory = __libc_memalign(alignment, size);
  return *memory == NULL ? 12 : 0;
}
