/* What is given back to the heap keeps nothing of what it held: passwords, tokens and keys, whoever made a copy of
   them, Swift's arrays and strings as well as the libraries. The names that glibc keeps for those who replace its own
   (The GNU C Library, section 3.2.2.10, Replacing malloc) do the work. A sanitizer has a heap of its own, and sees
   to what is used after it was given back by itself. The mark by which glibc knows a block that is given back twice is
   wiped too: that is the sanitizers' to find, and they run the whole program.

   A handshake gives back thousands of little blocks, of which the library wipes by itself those that held keys. */
#include "CLinux.h"

static _Thread_local int leaves_as_is;

void clinux_wipe_freed(int wipes) { leaves_as_is = !wipes; }

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

#define _GNU_SOURCE
#include <malloc.h>
#include <string.h>

extern void *__libc_malloc(size_t size);
extern void __libc_free(void *block);

/* Whether a block has a mapping of its own, which ends with it: no page of that comes back unwiped. To wipe it would
   first bring in all of a large block's pages, those never written to as well. glibc keeps the mark in the word before
   the block (IS_MMAPPED in its malloc/malloc.c). */
static int has_own_mapping(const void *block) { return ((const size_t *)block)[-1] & 2; }

void free(void *block) {
  if (block == NULL) return;
  if (!leaves_as_is && !has_own_mapping(block)) explicit_bzero(block, malloc_usable_size(block));
  __libc_free(block);
}

/* The library's own would move a block and leave the old one as it was. */
void *realloc(void *block, size_t size) {
  if (block == NULL) return __libc_malloc(size);
  if (size == 0) {
    free(block);
    return NULL;
  }
  size_t room = malloc_usable_size(block);
  if (size <= room && size >= room / 2) return block;
  void *moved = __libc_malloc(size);
  if (moved == NULL) return NULL;
  memcpy(moved, block, size < room ? size : room);
  free(block);
  return moved;
}

#endif
